"""The terms that users meet: what each means in plain words, in the order in which one learns them."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.kit.registry import Registry
from yutang.kit.text import N_


@dataclass(frozen=True)
class Term:
    """One word of the trade.

    Attributes:
        code: stable name; the anchor in the room.
        group: key of `GROUPS`.
        title: the word, marked with `N_`.
        meaning: in plain words, marked with `N_`.
        formula: how it is reckoned, marked with `N_`; empty where it is no number.
        others: further words by which people look for it; they are shown as they stand.
        see: code of the term that belongs to it; empty where there is none.
    """

    code: str
    group: str
    title: str
    meaning: str
    formula: str = ""
    others: str = ""
    see: str = ""


GROUPS = {
    "pond": N_("The pond"),
    "business": N_("Sales and traffic"),
    "back": N_("Who comes back"),
    "people": N_("Knowing customers"),
    "coming": N_("What will come"),
    "work": N_("Work and proof"),
}

TERMS: Registry[Term] = Registry(what="terms of the glossary", name_of=lambda one: one.code)

_WRITTEN = (
    Term(
        "private_domain",
        "pond",
        N_("Private-domain traffic"),
        N_(
            "Customers whom you can reach again at any time, without paying anybody for it: in WeCom, in groups, by "
            "phone. What you paid for once stays yours."
        ),
    ),
    Term(
        "public_domain",
        "pond",
        N_("Public domain"),
        N_(
            "Marketplaces, search engines and advertising platforms, where everybody fishes and every visit is paid "
            "for anew."
        ),
    ),
    Term(
        "pond",
        "pond",
        N_("Customer pond"),
        N_(
            "All the people whom you know and may reach: your own pool of customers, as opposed to the sea of the "
            "platforms."
        ),
    ),
    Term(
        "old_friend",
        "pond",
        N_("Old friend (老铁)"),
        N_(
            "A customer who trusts you, buys again and again, and brings others along. What the pond is kept for. "
            "Among the stages of life it is who is loyal: from four order days on, and not silent."
        ),
        others="loyal 忠诚客户",
        see="stage",
    ),
    Term(
        "wecom",
        "pond",
        N_("WeCom"),
        N_(
            "WeChat for companies: staff talk to customers in their WeChat, and the contact belongs to the company and "
            "not to the member of staff."
        ),
        others="企微",
    ),
    Term(
        "touch",
        "pond",
        N_("Touch"),
        N_(
            "One time of getting in contact with a customer: a call, a message, a visit. On today's list everything "
            "that was marked done counts, also when nobody was reached."
        ),
    ),
    Term(
        "sales",
        "business",
        N_("Sales"),
        N_("What buyers paid for orders that were not cancelled, less what was given back."),
        formula=N_("Sales = traffic × entry rate × conversion × order value"),
        others="GMV",
    ),
    Term(
        "traffic",
        "business",
        N_("Traffic"),
        N_("How many people pass by your door, on the street or online. The first factor of sales."),
    ),
    Term(
        "entry_rate",
        "business",
        N_("Entry rate"),
        N_("Of all who pass by, the share that comes in."),
        formula=N_("Entries ÷ passers-by"),
    ),
    Term(
        "conversion",
        "business",
        N_("Conversion"),
        N_("Of all who come in, the share that buys."),
        formula=N_("Orders ÷ entries"),
        others="成交率",
    ),
    Term(
        "order_value",
        "business",
        N_("Average order value"),
        N_("The value of one basket. Do not mix it up with the value of one customer over the years."),
        formula=N_("Sales ÷ orders"),
        others="AOV",
        see="customer_value",
    ),
    Term(
        "buyers",
        "business",
        N_("Buyer"),
        N_(
            "A known person with at least one sale in the period. Who bought without being recognised is told apart as "
            "an unknown buyer."
        ),
    ),
    Term(
        "repurchase",
        "business",
        N_("Repurchase"),
        N_("Buying again on a later day. Several orders of one day are one decision to buy."),
        formula=N_("Repurchase rate = who bought again ÷ who bought"),
        others="回购",
    ),
    Term(
        "newcomer",
        "business",
        N_("Newcomer"),
        N_("Somebody whose first order of all lies in the period."),
        others="拉新",
    ),
    Term(
        "kept",
        "business",
        N_("Kept newcomer"),
        N_("A newcomer who ordered again within 90 days. Only those whose 90 days are over can be told."),
        formula=N_("Cost of a kept customer = advertising ÷ kept newcomers"),
    ),
    Term(
        "owned_traffic",
        "business",
        N_("Owned traffic"),
        N_("Purchases of people who had bought before: they came by themselves, no advertising brought them."),
        formula=N_("Share of owned traffic = sales to earlier buyers ÷ sales to known buyers"),
        see="bought_traffic",
    ),
    Term(
        "bought_traffic",
        "business",
        N_("Bought traffic"),
        N_("Visits and newcomers that advertising brought, and that have to be paid for again next time."),
        formula=N_("Cost of a newcomer = advertising ÷ first-time buyers"),
        others="CAC",
        see="owned_traffic",
    ),
    Term(
        "shapley",
        "business",
        N_("Shares of a change (Shapley)"),
        N_(
            "How a change of sales is shared out among its factors. Factors work together, so each gets the mean of "
            "what it changes over all orders in which they may change one after the other: nothing is left over, none "
            "is favoured."
        ),
        formula=N_("Sum of the shares = change of sales"),
    ),
    Term(
        "funnel",
        "business",
        N_("Funnel"),
        N_(
            "A way of several steps, such as viewed, added to the cart, bought, and how many people took each of them in this order "
            "within a window of time. Where many stop, something stands in their way."
        ),
        formula=N_("Conversion = people of the last step ÷ people of the first"),
        others="conversion funnel windowFunnel",
        see="conversion",
    ),
    Term(
        "cohort",
        "back",
        N_("Cohort"),
        N_(
            "People who began together, for example with the first order in the same month. Looked at month by month "
            "one sees whether later beginners stay better than earlier ones."
        ),
        formula=N_("Share = people of the cohort who bought in that month ÷ all people of the cohort"),
        others="retention",
        see="repurchase",
    ),
    Term(
        "kaplan_meier",
        "back",
        N_("Time to the second order (Kaplan–Meier)"),
        N_(
            "How long it takes until people come back. Who came last week has not had the time yet: such people count "
            "only for as long as they have been watched, and not as lost."
        ),
        formula=N_("Still waiting = product over days of (1 − came back on the day ÷ were waiting before it)"),
    ),
    Term(
        "lift",
        "back",
        N_("Lift"),
        N_(
            "How many times as often something happens after a product as it happens after anything. 1 means that the "
            "two have nothing to do with each other."
        ),
        formula=N_("Share after the product ÷ share after anything"),
    ),
    Term(
        "rfm",
        "people",
        N_("RFM"),
        N_(
            "Three grades from 1 to 5 that tell at a glance how good a customer is: how lately (recency), how often "
            "(frequency), how much (monetary) the customer bought."
        ),
        others="recency frequency monetary",
    ),
    Term(
        "recency",
        "people",
        N_("Recency"),
        N_("How long ago the last order was. 5: just now, 1: long ago."),
        formula=N_("Days from the last order to the day of the grades"),
        others="R",
    ),
    Term(
        "frequency",
        "people",
        N_("Frequency"),
        N_("How often the customer ordered. 5: most often, 1: seldom."),
        formula=N_("Number of orders"),
        others="F",
    ),
    Term(
        "money",
        "people",
        N_("Monetary value"),
        N_("How much the customer spent, after refunds. 5: most, 1: little."),
        formula=N_("Sum of order totals − refunds"),
        others="M",
    ),
    Term(
        "fifth",
        "people",
        N_("Fifth"),
        N_(
            "All buyers in a row, cut into five groups of the same size. Buyers with equal figures always get the same "
            "grade."
        ),
        others="quintile",
    ),
    Term(
        "stage",
        "people",
        N_("Stage of life"),
        N_(
            "Where a customer stands between the first meeting and being lost: prospect, new, growing, loyal, at risk, "
            "asleep, lost. It is told by the customer's own rhythm, so a yearly buyer is not called lost after two "
            "months."
        ),
        formula=N_("At risk after 3 usual pauses, asleep after 6, lost after 12"),
        others="生命周期 lifecycle",
        see="rhythm",
    ),
    Term(
        "rhythm",
        "people",
        N_("Rhythm"),
        N_(
            "How many days usually lie between two order days of a customer. Who has few order days is judged half by "
            "the others."
        ),
        formula=N_("Median of the pauses between order days"),
    ),
    Term(
        "segment",
        "people",
        N_("Segment"),
        N_(
            "Everybody of whom a rule holds, for example: spent more than 1,000 yuan and has been silent for 60 days. "
            "Saved ones are looked at again after every refresh, so one sees who came and who left."
        ),
        others="人群圈选 audience",
    ),
    Term(
        "tag",
        "people",
        N_("Tag"),
        N_("A label on customers, given by hand, by an import, or by a rule that gives and takes it by itself."),
    ),
    Term(
        "consent",
        "people",
        N_("Consent"),
        N_(
            "What a customer agreed to: for which purpose, on which channel, since when, and how that is known. "
            "Without it there are service messages only and no promotion."
        ),
    ),
    Term(
        "masked",
        "people",
        N_("Masked"),
        N_(
            "Names and numbers are shown with their middle hidden. Who may see them in the clear states a reason, and "
            "every look stands in the audit log."
        ),
    ),
    Term(
        "same_person",
        "people",
        N_("Same person?"),
        N_(
            "Two records that share a phone or an account but contradict each other, so that a person has to decide. "
            "Every merge can be undone."
        ),
        others="merge 合并",
    ),
    Term(
        "customer_value",
        "coming",
        N_("Value of a customer (lifetime value)"),
        N_(
            "What one customer brings over the years. Here: what is expected in the coming 365 days, after refunds. It "
            "matters more than the value of one basket."
        ),
        formula=N_("Chance to be a customer still × expected orders × worth of an order"),
        others="LTV CLV",
        see="order_value",
    ),
    Term(
        "p_alive",
        "coming",
        N_("Chance to be a customer still, P(alive)"),
        N_(
            "Nobody says goodbye to a shop, one just does not come any more. The chance tells how likely it is that "
            "the customer will still come: who ordered every week and has been silent for two months is probably gone; "
            "who orders once a year is not."
        ),
        formula=N_("BG/NBD, Fader, Hardie & Lee (2008)"),
        others="alive churn 流失概率",
        see="bg_nbd",
    ),
    Term(
        "bg_nbd",
        "coming",
        N_("Model of orders (BG/NBD)"),
        N_(
            "A model of how people buy: everybody orders at an own pace and may stop for good after any order. It is "
            "fitted to all orders of your shop and needs of each customer only how often, how lately, and since when."
        ),
    ),
    Term(
        "next_order",
        "coming",
        N_("Next order"),
        N_(
            "The day by which half of the customers like this one order again, if they still are customers; with the "
            "window in which four in five do."
        ),
    ),
    Term(
        "interval",
        "coming",
        N_("Interval"),
        N_(
            "A number that is estimated is never exact. The interval says where the truth lies in four of five, or in "
            "95 of 100 cases."
        ),
        others="confidence",
    ),
    Term(
        "held_out",
        "coming",
        N_("Days held out"),
        N_(
            "The later half of the known days, which the models do not see when they are checked. What they foresee "
            "for these days is compared with what happened: a forecast that is only good in hindsight is worth nothing."
        ),
        others="holdout",
    ),
    Term(
        "brier",
        "coming",
        N_("Brier score"),
        N_(
            "How far chances lie from what happened: small is good. A chance of 80 % that comes true is off by 0.04, "
            "one that does not by 0.64."
        ),
        formula=N_("Mean of (chance − 1)² of what happened and chance² of what did not"),
    ),
    Term(
        "proposal",
        "work",
        N_("Proposal"),
        N_(
            "One thing to do for one customer today: with a reason, an owner, a deadline, and what it is worth. It "
            "goes by itself when its reason has gone."
        ),
        formula=N_("Worth = value at stake × chance that a touch helps"),
    ),
    Term(
        "touch_chance",
        "work",
        N_("Chance that a touch helps"),
        N_(
            "How often a touch brings an order that would not have come without it. It begins with an assumption and "
            "is corrected by what followed."
        ),
        formula=N_("(100 × assumed + orders beyond similar people) ÷ (100 + touched)"),
    ),
    Term(
        "similar_people",
        "work",
        N_("Similar people, control group"),
        N_(
            "People who had bought as often, as long ago and as dear on the same day, and whom nobody touched. They "
            "show what would have happened anyway."
        ),
        others="control group holdout",
    ),
    Term(
        "increment",
        "work",
        N_("Increment"),
        N_(
            "What happened because of what you did, and not anyway: the difference between the touched and similar "
            "people."
        ),
        formula=N_("Share of the touched − share of similar people"),
        others="uplift",
        see="similar_people",
    ),
    Term(
        "kept_aside",
        "work",
        N_("Rows to be mended"),
        N_(
            "Rows of a file that cannot be taken as they are, for example because a day does not exist. They are kept "
            "aside with the reason, mended in the console, and nothing is lost."
        ),
        others="quarantine",
    ),
)
for _term in _WRITTEN:
    TERMS.register(_term)
