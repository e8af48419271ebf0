// Shows what the proxy does: asks for it while the page can be seen, and puts it where it belongs.

const PAUSE = 2000;
const PATIENCE = 5000;
const SAMPLES = 60;

const CODECS = {
  h264: "H.264", hevc: "HEVC", mpeg2video: "MPEG-2", aac: "AAC", aac_latm: "AAC (LATM)", mp2: "MP2",
  ac3: "AC-3", eac3: "E-AC-3", other: "other",
};
const STATES = {
  starting: "starting", prebuffering: "starting", streaming: "well", stalled: "trouble",
  reconnecting: "trouble", failed: "broken", playing: "well", idle: "well", resting: "trouble",
  failing: "broken", unreachable: "broken",
};
// How apps are called that do not say it themselves; the first that fits, as most claim to be several.
const BROWSERS = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];

const part = (id) => document.getElementById(id);
const trend = [];

// In words ----------------------------------------------------------------------------------------

function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  for (; bytes >= 1000 && step < units.length - 1; step += 1) bytes /= 1000;
  return `${bytes.toFixed(step > 1 && bytes < 100 ? 1 : 0)} ${units[step]}`;
}

const rate = (bytes) => `${(bytes * 8 / 1e6).toFixed(1)} Mbit/s`;

function duration(seconds) {
  const whole = Math.floor(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

function device(name) {
  if (!name) return "an app without a name";
  const browser = name.startsWith("Mozilla/") && BROWSERS.find(([token]) => name.includes(token));
  return browser ? browser[1] : name.split(/[ (]/)[0].replace("/", " ");
}

function madeOf(stream) {
  const { picture, video, audio } = stream;
  const words = [];
  if (video) words.push(CODECS[video] ?? video);
  if (picture) words.push(`${picture.width} × ${picture.height}${picture.interlaced ? " interlaced" : ""}`);
  if (picture?.frame_rate) words.push(`${picture.frame_rate} fps`);
  for (const track of audio) words.push([CODECS[track.codec] ?? track.codec, track.language].join(" ").trim());
  return words.join(" · ");
}

const titleOf = (stream) => stream.title || (stream.content ? `Channel ${stream.content.slice(0, 8)}…` : "A channel");

const who = (one) => one.viewer || device(one.device);

function lagOf(one, stream) {
  if (one.form === "hls") return "fetches as HLS";
  if (!one.lag) return "live";
  return stream?.rate_in ? `${(one.lag / stream.rate_in).toFixed(1)} s behind` : `${size(one.lag)} behind`;
}

// On the page -------------------------------------------------------------------------------------

function fill(element, fields) {
  for (const [name, words] of Object.entries(fields)) {
    const field = element.querySelector(`[data-field=${name}]`);
    const text = String(words ?? "");
    if (field.textContent !== text) field.textContent = text;
    const holder = field.tagName === "DD" ? field.parentElement : field;
    holder.hidden = !text;
  }
}

// One element for each item; those that are there already stay, and what somebody selected in them.
function list(holder, template, items, show) {
  const there = new Map([...holder.children].map((element) => [element.dataset.key, element]));
  items.forEach((item, index) => {
    const key = item.key ?? item.address ?? String(index);
    const element = there.get(key) ?? part(template).content.firstElementChild.cloneNode(true);
    there.delete(key);
    element.dataset.key = key;
    show(element, item);
    if (holder.children[index] !== element) holder.insertBefore(element, holder.children[index] ?? null);
  });
  for (const element of there.values()) element.remove();
}

function showState(element, state) {
  element.querySelector(".state").dataset.looks = STATES[state] ?? "starting";
  return { state };
}

function showWatcher(element, one, stream) {
  const what = [one.viewer && device(one.device), !stream && one.channel].filter(Boolean).join(" · ");
  element.title = one.device;
  fill(element, { who: who(one), what, since: `for ${duration(one.age)}`, lag: lagOf(one, stream) });
}

function showStream(element, stream) {
  fill(element, {
    title: titleOf(stream), ...showState(element, stream.state), made: madeOf(stream), error: stream.error,
    age: duration(stream.age), in: rate(stream.rate_in), out: rate(stream.rate_out), received: size(stream.received),
    peers: stream.peers, reconnects: stream.reconnects ? `${stream.reconnects} ×` : "", engine: stream.engine,
    nobody: stream.watching.length ? "" : "Nobody watches.",
  });
  list(element.querySelector("[data-list]"), "watcher", stream.watching, (item, one) => showWatcher(item, one, stream));
}

function showEngine(element, engine) {
  const streams = `${engine.sessions} ${engine.sessions === 1 ? "stream" : "streams"}`;
  const version = engine.version && `AceStream ${engine.version}`;
  fill(element, {
    address: engine.address, ...showState(element, engine.state), words: engine.words,
    about: [version, engine.platform, streams].filter(Boolean).join(" · "),
  });
}

function showTrend(now) {
  trend.push([now.rate_in, now.rate_out]);
  trend.splice(0, trend.length - SAMPLES);
  const most = Math.max(1, ...trend.flat());
  const points = (which) => trend
    .map((rates, at) => `${SAMPLES - trend.length + at},${(19 - 18 * rates[which] / most).toFixed(2)}`)
    .join(" ");
  part("trend").querySelector(".in").setAttribute("points", points(0));
  part("trend").querySelector(".out").setAttribute("points", points(1));
}

function say(words, looks) {
  const health = part("health");
  if (health.textContent !== words) health.textContent = words;
  health.dataset.looks = looks;
}

function show(now) {
  const words = now.engines.length === 1 && now.engines[0].words;
  say(now.ready ? now.reason : words || now.reason, now.ready ? "well" : "broken");
  document.body.classList.remove("stale");
  part("viewers").textContent = now.viewers;
  part("streams").textContent = now.streams.length;
  part("rate-in").textContent = rate(now.rate_in);
  part("rate-out").textContent = rate(now.rate_out);
  part("received").textContent = `${size(now.received)} so far`;
  part("sent").textContent = `${size(now.sent)} so far`;
  part("version").textContent = now.version === "unknown" ? "" : `Version ${now.version}`;
  showTrend(now);
  list(part("playing"), "stream", now.streams, showStream);
  list(part("others"), "watcher", now.others, (element, one) => showWatcher(element, one));
  list(part("failed"), "failure", now.failed, (element, one) => fill(element, { title: titleOf(one), error: one.error }));
  list(part("engines"), "engine", now.engines, showEngine);
  part("nothing").hidden = now.streams.length + now.others.length > 0;
  part("others-part").hidden = !now.others.length;
  part("failed-part").hidden = !now.failed.length;
  part("no-engine").hidden = now.engines.length > 0;
  part("viewers-part").hidden = !now.has_viewers;
}

// Asking ------------------------------------------------------------------------------------------

async function ask(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

let round = 0;

// Begins anew whenever the page comes into sight, and ends when it is out of it.
async function look() {
  round += 1;
  const mine = round;
  while (mine === round && !document.hidden) {
    try {
      show(await ask("page/now.json"));
    } catch {
      say("The proxy does not answer. This page tries again.", "broken");
      document.body.classList.add("stale");
    }
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  }
}

// Addresses ---------------------------------------------------------------------------------------

async function copy(input, button) {
  input.select();
  try {
    // Without TLS browsers have no clipboard but this old one.
    if (navigator.clipboard) await navigator.clipboard.writeText(input.value);
    else if (!document.execCommand("copy")) throw new Error("not allowed");
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

function offer(line, query = "") {
  let field = line.querySelector(".copy");
  if (!field) {
    field = part("address").content.firstElementChild.cloneNode(true);
    const [input, button] = field.children;
    const words = line.querySelector("span").textContent;
    input.setAttribute("aria-label", words);
    button.setAttribute("aria-description", words);
    button.addEventListener("click", () => copy(input, button));
    input.addEventListener("focus", () => input.select());
    line.append(field);
  }
  const address = new URL(line.dataset.path, document.baseURI);
  address.search = query;
  address.hash = "";
  field.firstElementChild.value = address.href;
}

let asked = 0;

async function offerContent(text) {
  asked += 1;
  const mine = asked;
  let found = { query: "", words: "" };
  try {
    if (text.trim()) found = await ask(`page/content.json?${new URLSearchParams({ text })}`);
  } catch {
    found = { query: "", words: "The proxy does not answer." };
  }
  if (mine !== asked) return;
  part("content-words").textContent = found.words;
  part("content-addresses").hidden = !found.query;
  for (const line of part("content-addresses").children) offer(line, found.query);
}

for (const line of document.querySelectorAll("[data-path]")) offer(line);
part("content").addEventListener("input", (event) => offerContent(event.target.value));
document.addEventListener("visibilitychange", look);
look();
