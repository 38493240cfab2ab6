-- name:   insight.next_products
-- grain:  one row per product and other product bought on the next order day, for pairs that enough people bought; the most frequent first
-- reads:  orders_order(order_id, customer_id, status, business_date)
--         orders_line(order_id, product_id)
--         orders_product(product_id, code, name)
-- params: end_date DATE (exclusive), least_first INTEGER (people who bought the first, and something on a later day), least_both INTEGER
--         (people who bought the second next), most INTEGER (pairs a first product)
-- units:  all COUNT of people: both_people bought the second on the order day after one with the first, first_people the first and
--         anything later, second_people the second on any order day but their first, everybody anything later; tested COUNT of pairs
--         that could have been found
WITH bought AS (
    SELECT DISTINCT
        orders_order.customer_id,
        orders_order.business_date,
        CASE WHEN orders_product.name <> '' THEN orders_product.name ELSE orders_product.code END AS product
    FROM orders_order
    JOIN orders_line ON orders_line.order_id = orders_order.order_id
    JOIN orders_product ON orders_product.product_id = orders_line.product_id
    WHERE
        orders_order.status NOT IN (0, 50)
        AND orders_order.customer_id IS NOT NULL
        AND orders_order.business_date < $end_date
),
order_day AS (
    SELECT DISTINCT bought.customer_id, bought.business_date FROM bought
),
step AS (
    SELECT
        order_day.customer_id,
        order_day.business_date,
        lead(order_day.business_date) OVER (PARTITION BY order_day.customer_id ORDER BY order_day.business_date) AS next_date
    FROM order_day
),
followed AS (
    SELECT bought.customer_id, bought.product, step.next_date
    FROM bought
    JOIN step ON step.customer_id = bought.customer_id AND step.business_date = bought.business_date
    WHERE step.next_date IS NOT NULL
),
firsts AS (
    SELECT followed.product, count(DISTINCT followed.customer_id) AS people FROM followed GROUP BY followed.product
),
-- Products that too few people bought are left out before pairs are made: large baskets make very many of them.
worth_it AS (
    SELECT followed.customer_id, followed.product, followed.next_date
    FROM followed
    JOIN firsts ON firsts.product = followed.product
    WHERE firsts.people >= $least_first
),
pair AS (
    SELECT DISTINCT worth_it.customer_id, worth_it.product AS first_product, bought.product AS next_product
    FROM worth_it
    JOIN bought ON bought.customer_id = worth_it.customer_id AND bought.business_date = worth_it.next_date
    WHERE bought.product <> worth_it.product
),
next_bought AS (
    SELECT DISTINCT step.customer_id, bought.product
    FROM step
    JOIN bought ON bought.customer_id = step.customer_id AND bought.business_date = step.next_date
),
seconds AS (
    SELECT next_bought.product, count(*) AS people FROM next_bought GROUP BY next_bought.product
),
everybody AS (
    SELECT count(DISTINCT followed.customer_id) AS people FROM followed
),
tested AS (
    SELECT
        (SELECT count(*) FROM firsts WHERE firsts.people >= $least_first) * (SELECT count(*) FROM seconds)
        - (
            SELECT count(*)
            FROM firsts
            JOIN seconds ON seconds.product = firsts.product
            WHERE firsts.people >= $least_first
        ) AS pairs
),
both_bought AS (
    SELECT pair.first_product, pair.next_product, count(*) AS people
    FROM pair
    GROUP BY pair.first_product, pair.next_product
    HAVING count(*) >= $least_both
)
SELECT
    both_bought.first_product,
    both_bought.next_product,
    both_bought.people AS both_people,
    firsts.people AS first_people,
    seconds.people AS second_people,
    everybody.people AS everybody,
    tested.pairs AS tested
FROM both_bought
JOIN firsts ON firsts.product = both_bought.first_product
JOIN seconds ON seconds.product = both_bought.next_product
CROSS JOIN everybody
CROSS JOIN tested
QUALIFY
    row_number() OVER (
        PARTITION BY both_bought.first_product
        ORDER BY both_bought.people DESC, both_bought.next_product
    ) <= $most
ORDER BY first_people DESC, both_bought.first_product, both_people DESC, both_bought.next_product
