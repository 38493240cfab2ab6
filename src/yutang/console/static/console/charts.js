// Charts of the console: each <div data-chart="kind" data-values="id of a json_script"> is drawn by ECharts in the page's own colours.
"use strict";

(() => {
  const words = JSON.parse(document.getElementById("script-texts").textContent);
  const language = document.documentElement.lang === "en" ? "en" : "zh-CN";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  // Whole below ten thousand, as the tables beside the charts say it; from there on three digits that count.
  const short = new Intl.NumberFormat(language, { notation: "compact", maximumSignificantDigits: 3 });
  const compact = { format: (value) => (Math.abs(value) < 1e4 ? plain : short).format(value) };
  const drawn = new Map();

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    return { ink: token("ink"), ink2: token("ink-2"), line: token("line"), line2: token("line-2"), card: token("card"), accent: token("accent"), down: token("down"), warn: token("warn"), info: token("info"), plum: token("plum"), ink3: token("ink-3"), font: getComputedStyle(document.body).fontFamily };
  }
  const money = (currency) => new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const shortDay = (iso) => new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric" }).format(new Date(`${iso}T12:00:00`));
  const longDay = (iso) => new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric", weekday: "short" }).format(new Date(`${iso}T12:00:00`));
  const month = (iso) => new Intl.DateTimeFormat(language, { year: "2-digit", month: "numeric" }).format(new Date(`${iso}-15T12:00:00`));

  // The tip is built from elements, not from markup: no style attribute, nothing to escape.
  function tip(title, rows) {
    const box = document.createElement("div");
    box.className = "chart-tip";
    const head = document.createElement("span");
    head.textContent = title;
    box.append(head);
    for (const [label, value] of rows) {
      const line = document.createElement("div"), name = document.createElement("span"), figure = document.createElement("strong");
      name.textContent = `${label} `;
      figure.textContent = value;
      line.append(name, figure);
      box.append(line);
    }
    return box;
  }
  function common(c) {
    return {
      animation: !calm, animationDuration: 350, textStyle: { fontFamily: c.font, color: c.ink2 },
      grid: { left: 4, right: 14, top: 14, bottom: 2, containLabel: true },
      tooltip: { trigger: "axis", confine: true, backgroundColor: c.card, borderColor: c.line, padding: [8, 12], textStyle: { color: c.ink, fontFamily: c.font }, extraCssText: "box-shadow:0 8px 28px rgb(20 28 48 / .14);border-radius:8px", axisPointer: { lineStyle: { color: c.line2 }, shadowStyle: { color: c.line, opacity: .35 } } },
    };
  }
  const valueAxis = (c) => ({ type: "value", splitNumber: 4, axisLabel: { color: c.ink2, fontSize: 12, formatter: (value) => compact.format(value) }, splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, axisTick: { show: false } });
  const categoryAxis = (c, values, format) => ({ type: "category", data: values, axisLabel: { color: c.ink2, fontSize: 12, hideOverlap: true, formatter: format }, axisLine: { lineStyle: { color: c.line2 } }, axisTick: { show: false } });
  const month7 = (iso) => month(iso.slice(0, 7));
  const legend = (c) => ({ legend: { top: 0, right: 6, itemWidth: 16, itemHeight: 8, textStyle: { color: c.ink2, fontSize: 12, fontFamily: c.font } }, grid: { ...common(c).grid, top: 34 } });
  const fade = (c) => new echarts.graphic.LinearGradient(0, 0, 0, 1, [{ offset: 0, color: c.accent + "40" }, { offset: 1, color: c.accent + "05" }]);

  // Room for the longest label of one side of a flow.
  function side(nodes, depth, c) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `12px ${c.font}`;
    const widths = nodes.filter((node) => node.depth === depth).map((node) => pen.measureText(`${node.label} ${(node.total < 1e5 ? plain : compact).format(node.total)}`).width);
    return Math.ceil(Math.max(0, ...widths)) + 12;
  }

  const kinds = {
    // {days: [iso], values: [major], before: [major], currency}
    daily(data, c) {
      const amount = money(data.currency);
      const series = [{ type: "line", name: words.sales, data: data.values, smooth: .25, smoothMonotone: "x", symbol: "none", lineStyle: { color: c.accent, width: 2.2 }, itemStyle: { color: c.accent }, areaStyle: { color: fade(c) }, z: 3 }];
      if (data.before?.length) series.push({ type: "line", name: words.before, data: data.before, smooth: .25, smoothMonotone: "x", symbol: "none", lineStyle: { color: c.ink3, width: 1.4, type: [4, 4] }, itemStyle: { color: c.ink3 }, z: 2 });
      return { ...common(c), xAxis: { ...categoryAxis(c, data.days, shortDay), boundaryGap: false }, yAxis: valueAxis(c), series,
        tooltip: { ...common(c).tooltip, formatter: (points) => tip(longDay(points[0].axisValue), points.map((point) => [point.seriesName, amount.format(point.value ?? 0)])) } };
    },
    // {months: ["2026-11"], values: [major], currency}
    spend(data, c) {
      const amount = money(data.currency);
      return { ...common(c), xAxis: categoryAxis(c, data.months, month), yAxis: valueAxis(c),
        series: [{ type: "bar", data: data.values, barMaxWidth: 22, itemStyle: { color: c.accent, borderRadius: [4, 4, 0, 0] } }],
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(month(points[0].axisValue), [[words.sales, amount.format(points[0].value)]]) } };
    },
    // {days: [iso], values: [people], label}
    sizes(data, c) {
      return { ...common(c), xAxis: { ...categoryAxis(c, data.days, shortDay), boundaryGap: data.days.length < 2 }, yAxis: { ...valueAxis(c), minInterval: 1, scale: true },
        series: [{ type: "line", name: data.label, data: data.values, symbol: data.days.length < 8 ? "circle" : "none", symbolSize: 7, lineStyle: { color: c.accent, width: 2.2 }, itemStyle: { color: c.accent }, areaStyle: { color: fade(c) } }],
        tooltip: { ...common(c).tooltip, formatter: (points) => tip(longDay(points[0].axisValue), [[data.label, plain.format(points[0].value)]]) } };
    },
    // {days: [iso], series: [[people or null]], names: [text]}: the sizes of two segments, each on the days on which it was looked at.
    two_sizes(data, c) {
      const tones = [c.accent, c.down];
      return { ...common(c), ...legend(c), xAxis: { ...categoryAxis(c, data.days, shortDay), boundaryGap: data.days.length < 2 }, yAxis: { ...valueAxis(c), minInterval: 1, scale: true },
        series: data.series.map((values, place) => ({ type: "line", name: data.names[place], data: values, connectNulls: true, symbol: data.days.length < 8 ? (place ? "diamond" : "circle") : "none", symbolSize: 8, lineStyle: { color: tones[place], width: 2.2, type: place ? [6, 4] : "solid" }, itemStyle: { color: tones[place] } })),
        tooltip: { ...common(c).tooltip, formatter: (points) => tip(longDay(points[0].axisValue), points.filter((point) => point.value !== null && point.value !== undefined).map((point) => [point.seriesName, plain.format(point.value)])) } };
    },
    // {labels: [text], customers: [count], values: [major], currency}
    bands(data, c) {
      const amount = new Intl.NumberFormat(language, { style: "currency", currency: data.currency, currencyDisplay: "narrowSymbol", notation: "compact", maximumFractionDigits: 1 });
      return { ...common(c), xAxis: categoryAxis(c, data.labels, (text) => text), yAxis: valueAxis(c),
        series: [{ type: "bar", data: data.customers, barMaxWidth: 34, itemStyle: { color: c.accent, borderRadius: [4, 4, 0, 0] } }],
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(points[0].axisValue, [[words.customers, plain.format(points[0].value)], [words.value, amount.format(data.values[points[0].dataIndex])]]) } };
    },
    // {shares: [0-1, one a hundredth of the customers]}
    curve(data, c) {
      const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
      const axis = (format) => ({ type: "value", min: 0, max: 1, splitNumber: 5, axisLabel: { color: c.ink2, fontSize: 12, hideOverlap: true, formatter: format }, splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, axisTick: { show: false } });
      const points = data.shares.map((value, place) => [place / 100, value]);
      return { ...common(c), grid: { ...common(c).grid, right: 24 }, xAxis: axis((value) => share.format(value)), yAxis: axis((value) => share.format(value)),
        series: [{ type: "line", name: words.value, data: points, symbol: "none", lineStyle: { color: c.accent, width: 2.2 }, itemStyle: { color: c.accent }, areaStyle: { color: fade(c) }, z: 3 },
          { type: "line", name: words.alike, data: [[0, 0], [1, 1]], symbol: "none", silent: true, lineStyle: { color: c.ink3, width: 1.4, type: [4, 4] }, itemStyle: { color: c.ink3 }, z: 2 }],
        tooltip: { ...common(c).tooltip, formatter: (found) => { const point = found.find((one) => one.seriesIndex === 0); return point ? tip(words.best.replace("%(n)s", share.format(point.value[0])), [[words.value, share.format(point.value[1])]]) : null; } } };
    },
    // {nodes: [{name, label, tone}], links: [{source, target, value}]}
    flow(data, c) {
      const shade = (tone) => c[tone] || c.ink3;
      const label = Object.fromEntries(data.nodes.map((node) => [node.name, node.label]));
      return { ...common(c), tooltip: { ...common(c).tooltip, trigger: "item", formatter: (point) => point.dataType === "edge" ? tip(`${label[point.data.source]} → ${label[point.data.target]}`, [[words.customers, plain.format(point.data.value)]]) : tip(label[point.name], [[words.customers, plain.format(point.value)]]) },
        series: [{ type: "sankey", left: side(data.nodes, 0, c), right: side(data.nodes, 1, c), top: 10, bottom: 10, nodeWidth: 12, nodeGap: 12, draggable: false, layoutIterations: 0, emphasis: { focus: "adjacency" },
          data: data.nodes.map((node) => ({ name: node.name, depth: node.depth, itemStyle: { color: shade(node.tone), borderWidth: 0 }, label: { position: node.depth ? "right" : "left", color: c.ink, fontSize: 12, formatter: `${node.label} ${compact.format(node.total)}` } })),
          links: data.links, lineStyle: { color: "source", opacity: .22, curveness: .5 } }] };
    },
    // {bars: [{label, base, size, amount, kind}], begin, currency}: each bar stands on an invisible one; the axis may begin above 0.
    waterfall(data, c) {
      const amount = money(data.currency), tone = { total: c.info, up: c.accent, down: c.down };
      const sign = (bar) => (bar.kind === "total" ? "" : bar.amount > 0 ? "+" : "−") + (Math.abs(bar.amount) < 1e4 ? plain : compact).format(Math.round(Math.abs(bar.amount)));
      const labels = data.bars.map((bar) => bar.label);
      return { ...common(c), grid: { ...common(c).grid, right: 62 },
        xAxis: { ...valueAxis(c), min: data.begin || undefined, splitNumber: innerWidth < 600 ? 2 : 5, axisLabel: { ...valueAxis(c).axisLabel, hideOverlap: true } }, yAxis: { ...categoryAxis(c, labels), inverse: true, axisLabel: { color: c.ink, fontSize: 12, width: innerWidth < 600 ? 96 : 190, overflow: "break", lineHeight: 14, interval: 0 } },
        series: [
          { type: "bar", stack: "sales", silent: true, data: data.bars.map((bar) => bar.base), itemStyle: { color: "transparent" }, barMaxWidth: 22 },
          { type: "bar", stack: "sales", barMaxWidth: 22, data: data.bars.map((bar) => ({ value: bar.size, itemStyle: { color: tone[bar.kind], borderRadius: 3 }, label: { show: true, position: "right", color: c.ink, fontSize: 12, formatter: sign(bar) } })) },
        ],
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => { const bar = data.bars[points[0].dataIndex]; return tip(bar.label, [[bar.kind === "total" ? words.sales : words.difference, amount.format(bar.amount)]]); } } };
    },
    // {days: [iso], actual: [n], expected: [n], held: place of the first week held out, words}
    weeks(data, c) {
      const line = (name, values, colour, type) => ({ type: "line", name, data: values, symbol: "none", lineStyle: { color: colour, width: type ? 1.8 : 2.2, type: type || "solid" }, itemStyle: { color: colour } });
      const actual = { ...line(data.words.actual, data.actual, c.accent), z: 3 };
      if (data.held !== null) actual.markLine = { silent: true, symbol: "none", animation: false, lineStyle: { color: c.ink3, type: [4, 4], width: 1.2 }, label: { formatter: data.words.held, color: c.ink2, fontSize: 12, position: "insideEndTop", rotate: 0, align: "left", padding: [0, 0, -10, 6] }, data: [{ xAxis: data.days[data.held] }] };
      return { ...common(c), ...legend(c), grid: { ...legend(c).grid, right: 26 }, xAxis: { ...categoryAxis(c, data.days, month7), boundaryGap: false }, yAxis: valueAxis(c),
        series: [actual, line(data.words.expected, data.expected, c.info, [6, 4])],
        tooltip: { ...common(c).tooltip, formatter: (points) => tip(data.words.week.replace("%", longDay(points[0].axisValue)), points.map((point) => [point.seriesName, plain.format(point.value)])) } };
    },
    // {days: [iso], series: [{name, tone, values}], words}: what became of the messages of each week, one upon the other.
    fates(data, c) {
      return { ...common(c), ...legend(c), grid: { ...legend(c).grid, top: innerWidth < 600 ? 58 : 34 }, xAxis: categoryAxis(c, data.days, shortDay), yAxis: valueAxis(c),
        series: data.series.map((one) => ({ type: "bar", name: one.name, stack: "messages", barMaxWidth: 26, data: one.values, itemStyle: { color: c[one.tone] } })),
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(data.words.week.replace("%", longDay(points[0].axisValue)), points.map((point) => [point.seriesName, plain.format(point.value)])) } };
    },
    // {bars: [{label, value, tone}], currency, words}: lying bars with their values, of people or of money.
    bars(data, c) {
      const written = data.currency ? money(data.currency) : plain;
      const rows = data.bars.map((bar) => ({ value: bar.value, itemStyle: { color: c[bar.tone] || c.accent, borderRadius: 3 }, label: { show: true, position: "right", color: c.ink, fontSize: 12, formatter: written.format(bar.value) } }));
      return { ...common(c), grid: { ...common(c).grid, right: 74 }, xAxis: { ...valueAxis(c), splitNumber: innerWidth < 600 ? 2 : 4, axisLabel: { ...valueAxis(c).axisLabel, hideOverlap: true } },
        yAxis: { ...categoryAxis(c, data.bars.map((bar) => bar.label)), inverse: true, axisLabel: { color: c.ink, fontSize: 12, width: innerWidth < 600 ? 96 : 170, overflow: "break", lineHeight: 14, interval: 0 } },
        series: [{ type: "bar", barMaxWidth: 22, data: rows }],
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(data.bars[points[0].dataIndex].label, [[data.words.value, written.format(data.bars[points[0].dataIndex].value)]]) } };
    },
    // {days: [n], share, low, high: [0-1], most: days, words}: who is still there after so many days, with its band.
    stay(data, c) {
      const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
      const points = (values) => { const found = [[0, 1], ...data.days.map((day, place) => [day, values[place]])]; return [...found, [data.most, found[found.length - 1][1]]]; };
      const band = { type: "line", step: "end", symbol: "none", silent: true, lineStyle: { opacity: 0 }, stack: "band", stackStrategy: "all" };
      const wide = data.high.map((high, place) => high - data.low[place]);
      const above = points(wide).map((point, place) => [point[0], place ? point[1] : 0]);
      return { ...common(c),
        xAxis: { ...valueAxis(c), min: 0, max: data.most, interval: 10, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: c.line2 } }, axisLabel: { color: c.ink2, fontSize: 12, hideOverlap: true } },
        yAxis: { ...valueAxis(c), min: 0, max: 1, interval: .25, axisLabel: { color: c.ink2, fontSize: 12, formatter: (value) => share.format(value) } },
        series: [
          { ...band, data: points(data.low) },
          { ...band, data: above, areaStyle: { color: c.accent, opacity: .16 } },
          { type: "line", step: "end", symbol: "none", data: points(data.share), lineStyle: { color: c.accent, width: 2.2 }, itemStyle: { color: c.accent }, z: 3 },
        ],
        tooltip: { ...common(c).tooltip, formatter: (found) => { const point = found.find((one) => one.seriesIndex === 2); return point ? tip(data.words.day.replace("%", plain.format(point.value[0])), [[data.words.share, share.format(point.value[1])]]) : ""; } } };
    },
    // {labels: ["10:05"], series: [{name, tone, values}]}: how often something happened in each minute, one upon the other.
    minutes(data, c) {
      return { ...common(c), ...legend(c), grid: { ...legend(c).grid, top: innerWidth < 600 ? 58 : 34 }, xAxis: categoryAxis(c, data.labels, (text) => text), yAxis: { ...valueAxis(c), minInterval: 1 },
        series: data.series.map((one) => ({ type: "bar", name: one.name, stack: "calls", barCategoryGap: "20%", data: one.values, itemStyle: { color: c[one.tone] } })),
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(points[0].axisValue, points.filter((point) => point.value).map((point) => [point.seriesName, plain.format(point.value)])) } };
    },
    // {steps: [text], series: [{name, tone, values}]}: a bar for each step from the top down, cut by what became of who came.
    funnel(data, c) {
      const narrow = innerWidth < 600;
      return { ...common(c), ...legend(c), grid: { ...legend(c).grid, top: narrow ? 58 : 34, left: 8 }, xAxis: valueAxis(c),
        yAxis: { ...categoryAxis(c, data.steps, (text) => text), inverse: true, axisLabel: { color: c.ink, fontSize: 12, width: narrow ? 96 : 190, overflow: "truncate" } },
        series: data.series.map((one) => ({ type: "bar", name: one.name, stack: "people", barMaxWidth: 20, data: one.values, itemStyle: { color: c[one.tone] } })),
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(data.steps[points[0].dataIndex], points.filter((point) => point.value).map((point) => [point.seriesName, plain.format(point.value)])) } };
    },
    // {rows: [{name, tone, value, low, high, low_always, high_always}], kind, currency, words}: a dot with its two intervals, arm by arm.
    whiskers(data, c) {
      const written = data.kind === "money"
        ? new Intl.NumberFormat(language, { style: "currency", currency: data.currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: 2, signDisplay: "exceptZero" })
        : new Intl.NumberFormat(language, { maximumFractionDigits: 2, signDisplay: "exceptZero" });
      const tick = new Intl.NumberFormat(language, { notation: "compact", maximumSignificantDigits: 3, signDisplay: "exceptZero" });
      const tone = (row) => c[row.tone] || c.ink3;
      const bar = (low, high, height, opacity) => ({ type: "custom", silent: true, z: 2, encode: { x: [0, 1], y: 2 }, data: data.rows.map((row, place) => [row[low], row[high], place]),
        renderItem(params, api) {
          const from = api.coord([api.value(0), api.value(2)]), to = api.coord([api.value(1), api.value(2)]);
          return { type: "rect", shape: { x: from[0], y: from[1] - height / 2, width: Math.max(to[0] - from[0], 1), height, r: height / 2 }, style: { fill: tone(data.rows[params.dataIndex]), opacity } };
        } });
      const zero = { silent: true, symbol: "none", animation: false, label: { show: false }, lineStyle: { color: c.ink3, type: [4, 4], width: 1.4 }, data: [{ xAxis: 0 }] };
      return { ...common(c), grid: { ...common(c).grid, left: 12, right: 22, top: 8, bottom: 20 },
        xAxis: { ...valueAxis(c), splitNumber: innerWidth < 600 ? 3 : 5, name: data.words.axis, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.ink2, fontSize: 12, fontFamily: c.font }, axisLabel: { color: c.ink2, fontSize: 12, hideOverlap: true, formatter: (value) => tick.format(value) } },
        yAxis: { ...categoryAxis(c, data.rows.map((row) => row.name), (text) => text), inverse: true, axisLine: { show: false }, axisLabel: { show: data.rows.length > 1, color: c.ink, fontSize: 12, width: 84, overflow: "truncate" } },
        series: [bar("low_always", "high_always", 2, 1), bar("low", "high", 8, .45),
          { type: "scatter", symbolSize: 14, z: 4, data: data.rows.map((row, place) => ({ value: [row.value, place], itemStyle: { color: tone(row), borderColor: c.card, borderWidth: 2 } })), markLine: zero }],
        tooltip: { ...common(c).tooltip, trigger: "item", formatter: (point) => { const row = data.rows[point.dataIndex]; return tip(row.name, [[data.words.value, written.format(row.value)], [data.words.one, `${written.format(row.low)} … ${written.format(row.high)}`], [data.words.any, `${written.format(row.low_always)} … ${written.format(row.high_always)}`]]); } } };
    },
    // {at: [text], low, high, middle, worth: [major], pauses: [text], currency, words}: what a kept newcomer costs, with its interval, against its worth.
    kept_cost(data, c) {
      const amount = money(data.currency), line = (name, values, colour, type) => ({ type: "line", name, data: values, symbol: "none", lineStyle: { color: colour, width: 2.2, type: type || "solid" }, itemStyle: { color: colour }, z: 3 });
      const band = { type: "line", symbol: "none", silent: true, lineStyle: { opacity: 0 }, itemStyle: { color: c.accent }, stack: "band", stackStrategy: "all" };
      const known = data.pauses.filter((at) => data.at.includes(at));
      const middle = line(data.words.middle, data.middle, c.accent);
      middle.markLine = { silent: true, symbol: "none", animation: false, lineStyle: { color: c.down, type: [4, 4], width: 1.6 }, label: { formatter: data.words.paused, color: c.down, fontSize: 12, position: "insideEndTop", rotate: 0 }, data: known.map((at) => ({ xAxis: at })) };
      return { ...common(c), ...legend(c), grid: { ...legend(c).grid, right: 26 }, xAxis: { ...categoryAxis(c, data.at, (text) => text.slice(0, 5)), boundaryGap: false }, yAxis: { ...valueAxis(c), min: 0 },
        legend: { ...legend(c).legend, data: [data.words.middle, data.words.worth] },
        series: [{ ...band, name: "low", data: data.low }, { ...band, name: data.words.band, data: data.high.map((high, place) => high - data.low[place]), areaStyle: { color: c.accent, opacity: .16 } }, middle, line(data.words.worth, data.worth, c.warn, [6, 4])],
        tooltip: { ...common(c).tooltip, formatter: (points) => { const place = points[0].dataIndex; return tip(points[0].axisValue, [[data.words.middle, amount.format(data.middle[place])], [data.words.band, `${amount.format(data.low[place])} … ${amount.format(data.high[place])}`], [data.words.worth, amount.format(data.worth[place])]]); } } };
    },
    // {labels: [text], actual: [n], expected: [n], customers: [n], share: whether they are 0-1, words}
    pairs(data, c) {
      const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }), written = data.share ? share : plain;
      const bar = (name, values, colour) => ({ type: "bar", name, data: values, barMaxWidth: 18, barGap: "10%", itemStyle: { color: colour, borderRadius: [4, 4, 0, 0] } });
      const up = { ...valueAxis(c), ...(data.share ? { max: 1, interval: .2 } : {}), axisLabel: { color: c.ink2, fontSize: 12, formatter: (value) => (data.share ? share : compact).format(value) } };
      return { ...common(c), ...legend(c), xAxis: categoryAxis(c, data.labels, (text) => text), yAxis: up,
        series: [bar(data.words.actual, data.actual, c.accent), bar(data.words.expected, data.expected, c.info)],
        tooltip: { ...common(c).tooltip, axisPointer: { type: "shadow", shadowStyle: { color: c.line, opacity: .45 } }, formatter: (points) => tip(data.words.title.replace("%", points[0].axisValue), [...points.map((point) => [point.seriesName, written.format(point.value)]), [data.words.customers, plain.format(data.customers[points[0].dataIndex])]]) } };
    },
    // {bins: [{expected, actual, low, high: 0-1, customers}], words}: a dot a bin, as large as its customers, with its interval.
    reliability(data, c) {
      const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
      const axis = { type: "value", min: 0, max: 1, splitNumber: 5, axisLabel: { color: c.ink2, fontSize: 12, hideOverlap: true, formatter: (value) => share.format(value) }, splitLine: { lineStyle: { color: c.line } }, axisLine: { show: false }, axisTick: { show: false } };
      const most = Math.max(...data.bins.map((bin) => bin.customers));
      const interval = (bin) => ({ type: "line", data: [[bin.expected, bin.low], [bin.expected, bin.high]], symbol: "none", silent: true, lineStyle: { color: c.accent, width: 1.6 }, z: 2 });
      return { ...common(c), grid: { ...common(c).grid, right: 24 }, xAxis: axis, yAxis: axis,
        series: [{ type: "line", data: [[0, 0], [1, 1]], symbol: "none", silent: true, lineStyle: { color: c.ink3, width: 1.4, type: [4, 4] }, z: 1 }, ...data.bins.map(interval),
          { type: "scatter", data: data.bins.map((bin) => [bin.expected, bin.actual, bin.customers]), symbolSize: (value) => Math.max(22 * Math.sqrt(value[2] / most), 7), itemStyle: { color: c.accent, opacity: .9 }, z: 3 }],
        tooltip: { ...common(c).tooltip, trigger: "item", formatter: (point) => tip(`${data.words.said} ${share.format(point.value[0])}`, [[data.words.came, share.format(point.value[1])], [data.words.customers, plain.format(point.value[2])]]) } };
    },
    // {keys: [n], lives: "digits", shares: [n of 100, -1 unknown], members: [n], names, tones, address, names_at, words}: a dot a group,
    // row by row; buttons, the wheel with Ctrl and two fingers zoom, a click leads to the group. The page scrolls under wheel and finger.
    wall(data, c) {
      const n = data.keys.length, wide = Math.max(4, Math.ceil(Math.sqrt(n * (innerWidth < 600 ? 1 : 2.6)))), tall = Math.ceil(n / wide);
      const axis = (most, inverse) => ({ type: "value", min: -.5, max: most - .5, inverse, show: false });
      const size = data.size = Math.max(3, Math.min(26, (innerWidth < 600 ? 300 : 960) / wide * .72));
      const roam = { type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", preventDefaultMouseMove: false };
      const share = (place) => (data.shares[place] < 0 ? data.words.unknown : new Intl.NumberFormat(language, { style: "percent" }).format(data.shares[place] / 100));
      const of = (life) => [...data.lives].flatMap((one, place) => (Number(one) === life ? [[place % wide, Math.floor(place / wide), place]] : []));
      return { ...common(c), grid: { left: 6, right: 6, top: 58, bottom: 6 }, legend: { ...legend(c).legend, left: 0, right: "auto", itemWidth: 10, itemHeight: 10 }, xAxis: axis(wide), yAxis: axis(tall, true),
        dataZoom: [{ ...roam, xAxisIndex: 0 }, { ...roam, yAxisIndex: 0 }],
        series: data.names.map((name, life) => ({ type: "scatter", name, symbol: ["circle", "circle", "diamond", "triangle", "rect"][life], symbolSize: size, data: of(life), itemStyle: { color: c[data.tones[life]] || c.ink3, opacity: .9 }, emphasis: { scale: 1.5 }, cursor: "pointer" })),
        tooltip: { ...common(c).tooltip, trigger: "item", formatter: (point) => { const place = point.value[2]; return tip(`${data.labels?.[place] || data.words.group.replace("%", data.keys[place])} · ${point.seriesName}`, [[data.words.share, share(place)], [data.words.members, plain.format(data.members[place])]]); } } };
    },
    // {days: [iso], share: [0-1], low: [0-1], high: [0-1], words}: a share over days with its band.
    band(data, c) {
      const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
      const edge = { type: "line", symbol: "none", silent: true, lineStyle: { opacity: 0 }, stack: "band", stackStrategy: "all" };
      return { ...common(c), xAxis: { ...categoryAxis(c, data.days, shortDay), boundaryGap: false }, yAxis: { ...valueAxis(c), min: 0, max: 1, interval: .25, axisLabel: { color: c.ink2, fontSize: 12, formatter: (value) => percent.format(value) } },
        series: [{ ...edge, data: data.low }, { ...edge, data: data.high.map((high, place) => high - data.low[place]), areaStyle: { color: c.accent, opacity: .18 } },
          { type: "line", symbol: "none", data: data.share, lineStyle: { color: c.accent, width: 2.2 }, itemStyle: { color: c.accent }, z: 3 }],
        tooltip: { ...common(c).tooltip, formatter: (points) => { const place = points[0].dataIndex; return tip(longDay(data.days[place]), [[data.words.share, percent.format(data.share[place])], [data.words.range, `${percent.format(data.low[place])} – ${percent.format(data.high[place])}`]]); } } };
    },
    // {root: {name, brought, here, seeds, children}, words}: who brought whom, from the seed outwards.
    invitations(data, c) {
      const drawnAs = (node) => ({ name: node.name, value: node.brought, here: node.here, symbol: node.seeds ? "diamond" : "circle", symbolSize: Math.min(8 + 2 * node.brought, 22), itemStyle: { color: node.seeds ? c.plum : node.here ? c.accent : c.ink3, borderWidth: 0 }, children: node.children.map(drawnAs) });
      return { ...common(c), tooltip: { ...common(c).tooltip, trigger: "item", formatter: (point) => tip(point.name, [[data.words.brought, plain.format(point.value || 0)], ...(point.data.here ? [] : [["", data.words.gone]])]) },
        series: [{ type: "tree", data: [drawnAs(data.root)], layout: "radial", top: 24, bottom: 24, left: 24, right: 24, initialTreeDepth: -1, roam: true, lineStyle: { color: c.line2, width: 1.4 }, label: { show: false }, emphasis: { focus: "descendant" }, expandAndCollapse: false }] };
    },
    // {days: [n], share: [0-1], low: [0-1], high: [0-1]}: a stair with its band.
    waiting(data, c) {
      const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
      const points = (values) => [[0, 0], ...data.days.map((day, place) => [day, values[place]])];
      const band = { type: "line", step: "end", symbol: "none", silent: true, lineStyle: { opacity: 0 }, stack: "band", stackStrategy: "all" };
      return { ...common(c),
        xAxis: { ...valueAxis(c), type: "value", min: 0, max: 365, interval: 30, splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: c.line2 } }, axisLabel: { color: c.ink2, fontSize: 12, hideOverlap: true } },
        yAxis: { ...valueAxis(c), min: 0, axisLabel: { color: c.ink2, fontSize: 12, formatter: (value) => share.format(value) } },
        series: [
          { ...band, data: points(data.low) },
          { ...band, data: points(data.high.map((high, place) => high - data.low[place])), areaStyle: { color: c.accent, opacity: .16 } },
          { type: "line", step: "end", symbol: "none", data: points(data.share), lineStyle: { color: c.accent, width: 2.2 }, itemStyle: { color: c.accent }, z: 3 },
        ],
        tooltip: { ...common(c).tooltip, formatter: (found) => { const point = found.find((one) => one.seriesIndex === 2); return point ? tip(words.day.replace("%", plain.format(point.value[0])), [[words.came_back, share.format(point.value[1])]]) : ""; } } };
    },
  };

  function draw(element) {
    const values = JSON.parse(document.getElementById(element.dataset.values).textContent);
    const chart = drawn.get(element) || echarts.init(element, null, { renderer: "canvas" });
    drawn.set(element, chart);
    chart.setOption(kinds[element.dataset.chart](values, colours()), true);
    leads(chart, values);
    // A chart whose points have addresses leads to the people behind the point; the same addresses stand in the table beside it.
    if (values.urls && !element.dataset.leads) {
      element.dataset.leads = "1";
      element.style.cursor = "pointer";
      chart.getZr().on("click", (event) => {
        const place = chart.convertFromPixel({ xAxisIndex: 0 }, event.offsetX);
        if (chart.containPixel("grid", [event.offsetX, event.offsetY]) && values.urls[place]) location.assign(values.urls[place]);
      });
    }
  }
  // Dots of a wall lead to what they stand for, grow as one comes closer, and have their names fetched when somebody looks at them.
  function leads(chart, values) {
    for (const event of ["click", "mouseover", "datazoom"]) chart.off(event);
    if (!values.address) return;
    chart.on("click", (point) => { if (point.value) location.assign(values.address.replace("%", values.keys[point.value[2]])); });
    chart.on("mouseover", () => {
      if (values.asked || !values.names_at) return;
      values.asked = true;
      fetch(values.names_at).then((answer) => (answer.ok ? answer.json() : { names: [] })).then((found) => { values.labels = found.names; }).catch(() => { values.asked = false; });
    });
    chart.on("datazoom", () => {
      const { start, end } = chart.getOption().dataZoom[0], symbolSize = Math.min(values.size * 100 / (end - start), 34);
      chart.setOption({ series: values.names.map(() => ({ symbolSize })) });
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    const chart = button && drawn.get(document.querySelector(`[data-values="${button.dataset.zooms}"]`));
    if (!chart) return;
    const by = Number(button.dataset.zoom);
    chart.getOption().dataZoom.forEach(({ start, end }, dataZoomIndex) => {
      const half = by ? Math.min(Math.max((end - start) * by, 4), 100) / 2 : 50, middle = Math.min(Math.max((start + end) / 2, half), 100 - half);
      chart.dispatchAction({ type: "dataZoom", dataZoomIndex, start: middle - half, end: middle + half });
    });
  });
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => drawn.get(entry.target)?.resize()));
  function drawAll(root) {
    for (const [element, chart] of drawn) if (!element.isConnected) { chart.dispose(); drawn.delete(element); }
    root.querySelectorAll("[data-chart]").forEach((element) => {
      if (!window.echarts) { element.textContent = words.chart_failed; element.classList.add("chart-failed"); return; }
      draw(element);
      sizes.observe(element);
    });
  }
  drawAll(document);
  document.addEventListener("themechange", () => drawn.forEach((_, element) => draw(element)));
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) drawAll(event.detail.elt); });
})();
