// What a page looks like to whoever reads it, as it stands now: sizes, distances, colours, what covers what.
// Everything is told as a list of sentences about what is wrong, or as a figure; bounds that depend on the mode are given.
(bounds) => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const { tap, gap, contrast, largeContrast } = bounds;
  const html = document.documentElement, main = document.querySelector("main");
  window.scrollTo(0, 0);

  const styles = new Map();
  const style = node => styles.get(node) ?? (styles.set(node, getComputedStyle(node)), styles.get(node));
  const words = node => (node.innerText ?? node.textContent).replace(/\s+/g, " ").trim().slice(0, 24);
  const say = node => `<${node.tagName.toLowerCase()} ${node.className?.baseVal ?? node.className}> ${words(node) || node.name || ""}`;
  const box = node => {
    const found = node.getBoundingClientRect();
    return { left: found.left, right: found.right, top: found.top + scrollY, bottom: found.bottom + scrollY, width: found.width, height: found.height };
  };
  const isSpokenOnly = node => node.closest(".vh, .skip, .sprite, title, defs") !== null;
  const isSeen = node => node.checkVisibility({ visibilityProperty: true }) && !isSpokenOnly(node) && node.getBoundingClientRect().width > 1;

  // As the page is opened, before anything is unfolded
  const probe = main.appendChild(Object.assign(document.createElement("i"), { className: "note may" }));
  const amber = { edge: getComputedStyle(probe).borderLeftColor, ground: getComputedStyle(probe).backgroundColor };
  probe.remove();
  const isAmber = node => style(node).backgroundColor === amber.ground || parseFloat(style(node).borderLeftWidth) > 0 && style(node).borderLeftColor === amber.edge
    && !node.matches(".tag, .icon");
  const ambers = [...main.querySelectorAll("*")].filter(node => isSeen(node) && isAmber(node));
  const warnings = ambers.filter(node => !ambers.some(other => other !== node && other.contains(node))).map(say);
  const isFarRight = rect => rect.width > 1 && rect.right > innerWidth * 2 / 3 && rect.top + scrollY < 900;
  const isBox = node => parseFloat(style(node).borderTopWidth) > 0 || !["rgba(0, 0, 0, 0)", style(document.body).backgroundColor].includes(style(node).backgroundColor);
  const rightThird = [...main.querySelectorAll("*")].some(node => isSeen(node) && isFarRight(node.getBoundingClientRect()) && isBox(node)
    || isSeen(node) && !node.children.length && isFarRight(node.getBoundingClientRect())
    && (node.textContent.trim() === "" || [...(range => (range.selectNodeContents(node), range.getClientRects()))(document.createRange())].some(isFarRight)));
  const requests = performance.getEntriesByType("resource").map(entry => entry.name);
  const pictures = [...document.images].filter(node => isSeen(node)).map(node => node.src);
  document.querySelectorAll("details").forEach(one => { one.open = true; });

  const holders = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim() && isSeen(walker.currentNode.parentElement)) holders.add(walker.currentNode.parentElement);

  for (const node of document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea")) if (isSeen(node)) holders.add(node);

  // Letters and lines
  const small = [...holders].filter(node => parseFloat(style(node).fontSize) < 14).map(node => `${style(node).fontSize} ${say(node)}`);
  const tight = [...holders].filter(node => parseFloat(style(node).lineHeight) / parseFloat(style(node).fontSize) < 1.295)
    .map(node => `${(parseFloat(style(node).lineHeight) / parseFloat(style(node).fontSize)).toFixed(2)} ${say(node)}`);
  const lines = node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter(rect => rect.width > 1);
  };
  const crowded = [...document.querySelectorAll("main p + p")].flatMap(second => {
    const first = second.previousElementSibling;
    if (![first, second].every(one => isSeen(one) && style(one).display === "block" && !one.matches(".acts, .links"))) return [];
    if (style(first).fontSize !== style(second).fontSize) return [];  // a smaller line belongs to the one above it
    const [above, below] = [lines(first).at(-1), lines(second)[0]];
    if (!above || !below || below.top < above.top + 4) return [];
    const apart = (below.top + below.bottom - above.top - above.bottom) / 2, line = parseFloat(style(first).lineHeight);
    return apart < 1.295 * line ? [`${(apart / line).toFixed(2)} ${say(first)} | ${words(second)}`] : [];
  });

  // Colours
  const parse = colour => {
    const found = colour.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
    return found && { rgb: found.slice(1, 4).map(Number), alpha: found[4] === undefined ? 1 : Number(found[4]) };
  };
  const ground = node => {
    const above = [];
    for (let one = node; one; one = one.parentElement) {
      const colour = parse(style(one).backgroundColor);
      if (!colour || style(one).backgroundImage !== "none") return null;
      above.push(colour);
      if (colour.alpha === 1) break;
    }
    return above.reverse().reduce((under, { rgb, alpha }) => under.map((value, place) => value * (1 - alpha) + rgb[place] * alpha), [255, 255, 255]);
  };
  const light = rgb => rgb.map(value => value / 255).map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
  const faint = [...holders].flatMap(node => {
    const ink = parse(style(node).color), under = ground(node);
    if (!ink || !under) return [`not to be told: ${say(node)}`];
    const [bright, dim] = [light(ink.rgb), light(under)].sort((one, other) => other - one);
    const ratio = (bright + 0.05) / (dim + 0.05), size = parseFloat(style(node).fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style(node).fontWeight) >= 700);
    return ratio < (isLarge ? largeContrast : contrast) ? [`${ratio.toFixed(2)} ${say(node)}`] : [];
  });

  // What is tapped
  const layer = node => {
    for (let one = node; one; one = one.parentElement) if (["fixed", "sticky"].includes(style(one).position)) return one;
    return null;
  };
  const area = node => {
    const after = getComputedStyle(node, "::after");
    const covers = after.content !== "none" && after.position === "absolute" && ["top", "right", "bottom", "left"].every(side => after[side] === "0px");
    return box(covers && style(node).position === "static" ? node.offsetParent : node);
  };
  const isInSentence = node => {
    if (style(node).display !== "inline") return false;
    let around = node.parentElement;
    while (style(around).display === "inline") around = around.parentElement;
    return around.textContent.replace(/\s/g, "").length > node.textContent.replace(/\s/g, "").length;
  };
  const controls = [...document.querySelectorAll(CONTROLS)].filter(node => isSeen(node));
  const targets = controls.filter(node => !isInSentence(node)).map(node => ({ node, area: area(node), layer: layer(node) }));
  const tiny = targets.filter(({ area }) => Math.min(area.width, area.height) < tap - 0.5)
    .map(({ node, area }) => `${area.width.toFixed(0)}×${area.height.toFixed(0)} ${say(node)}`);
  // What is larger than it must be holds a part of the distance itself.
  const apart = (one, other, from, to, side) => {
    const spare = [one, other].reduce((sum, rect) => sum + Math.max(0, rect[side] - tap) / 2, 0);
    return Math.max(one[from], other[from]) - Math.min(one[to], other[to]) + spare;
  };
  const meet = (one, other, from, to) => Math.min(one[to], other[to]) - Math.max(one[from], other[from]) > 1;
  const close = targets.flatMap((one, place) => targets.slice(place + 1).flatMap(other => {
    if (one.layer !== other.layer || one.node.contains(other.node) || other.node.contains(one.node)) return [];
    const [beside, below] = [meet(one.area, other.area, "top", "bottom"), meet(one.area, other.area, "left", "right")];
    if (beside === below) return [];  // on no line with each other; or a link upon a card that is one itself
    const distance = beside ? apart(one.area, other.area, "left", "right", "width") : apart(one.area, other.area, "top", "bottom", "height");
    return distance < gap - 0.5 ? [`${distance.toFixed(1)} ${say(one.node)} | ${say(other.node)}`] : [];
  }));

  // Edges
  const sideways = html.scrollWidth - html.clientWidth;
  const clipped = [...document.body.querySelectorAll("*")].filter(node =>
    ["hidden", "clip"].includes(style(node).overflowX) && !isSpokenOnly(node) && isSeen(node) && !(node instanceof SVGElement)
    && node.scrollWidth > node.clientWidth + 1).map(say);
  const stuck = [...document.body.querySelectorAll("*")].filter(node => ["fixed", "sticky"].includes(style(node).position) && isSeen(node)).map(say);
  const bar = [...document.querySelectorAll(".bar > *")].filter(node => isSeen(node)).map(box);
  const header = {
    lines: bar.length && Math.max(...bar.map(({ top }) => top)) < Math.min(...bar.map(({ bottom }) => bottom)) ? 1 : 2,
    height: document.querySelector(".bar")?.getBoundingClientRect().height ?? 0,
    sizes: [...document.querySelectorAll("header [name=size]")].filter(node => isSeen(node)).map(node => node.value),
  };
  const primary = [...main.querySelectorAll(".btn:not(.alt, .quiet)")].filter(node => isSeen(node)).map(node => Math.round(box(node).bottom))[0] ?? null;

  // States, and what does not belong on a page
  const isDrawn = node => node.querySelector("svg, .dot") || [...node.querySelectorAll("*")].some(one => getComputedStyle(one, "::before").content !== "none");
  const wordless = [...main.querySelectorAll(".tag:is(.ok, .soon, .may, .err, .no), [data-result]:not([data-result='']), [data-status]")]
    .filter(node => isSeen(node) && !(node.textContent.trim() && isDrawn(node))).map(say);
  const foreign = [...document.querySelectorAll("dialog, [role=dialog], [role=alertdialog], [popover], iframe, marquee, blink, canvas, [autoplay], [tabindex]:not([tabindex='-1'], [tabindex='0'])")].map(say);
  const moving = bounds.isStill ? [...document.body.querySelectorAll("*")]
    .filter(node => style(node).animationName !== "none" || style(node).transitionDuration.split(", ").some(time => parseFloat(time) > 0)).map(say) : [];

  // By keyboard
  const unseen = !bounds.withKeyboard ? [] : [...document.querySelectorAll(CONTROLS)].filter(node =>
    node.checkVisibility({ visibilityProperty: true }) && !node.disabled && node.tabIndex >= 0).flatMap(node => {
    node.focus();
    if (document.activeElement !== node) return [`takes no focus: ${say(node)}`];
    const rect = node.getClientRects()[0], [x, y] = [rect.left + rect.width / 2, rect.top + Math.min(rect.height, innerHeight) / 2];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return [`outside: ${say(node)}`];
    const upon = document.elementFromPoint(x, y);
    const isFree = upon && (node.contains(upon) || upon.contains(node) || upon.control === node);
    const ringed = [node, node.nextElementSibling].some(one => one && getComputedStyle(one).outlineStyle !== "none");
    return [...isFree ? [] : [`under ${upon && say(upon)}: ${say(node)}`], ...ringed ? [] : [`no ring: ${say(node)}`]];
  });
  document.activeElement?.blur?.();

  // What is read: quotations of a document left out
  const quotations = [...main.querySelectorAll("blockquote, pre, .vh")];
  quotations.forEach(node => { node.hidden = true; });
  const text = bounds.withText ? main.innerText : "";
  quotations.forEach(node => { node.hidden = false; });
  window.scrollTo(0, 0);

  return { letters: parseFloat(getComputedStyle(document.body).fontSize), small, tight, crowded, faint, tiny, close, sideways, clipped, stuck,
    header, primary, wordless, foreign, moving, unseen, warnings, rightThird, requests, pictures, text };
}
