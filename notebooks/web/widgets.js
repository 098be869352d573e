// Moves the widgets of a page without a kernel: each position was drawn when the site was built (positions.py).
// Beside a widget's controls, which are plain HTML, lies what was drawn: where its controls can stand, and the frames.

/** A widget's controls as objects with read() and put(place), in the order of its positions. */
function control(element, { kind, places }) {
  const output = element.querySelector("output");
  if (kind === "slider") {
    const input = element.querySelector("input");
    const put = (place) => {
      input.value = place;
      input.setAttribute("aria-valuetext", places[place]);
      if (output) output.textContent = places[place];
    };
    return { read: () => Number(input.value), put };
  }
  if (kind === "buttons") {
    const inputs = [...element.querySelectorAll("input")];
    return { read: () => inputs.findIndex((input) => input.checked), put: (place) => (inputs[place].checked = true) };
  }
  const input = element.querySelector("input");
  if (kind === "box") return { read: () => Number(input.checked), put: (place) => (input.checked = place === 1) };
  // What one types: as it stands, or but for spaces around it and capitals.
  const plain = (text) => text.trim().toLowerCase();
  const read = () => {
    const exact = places.indexOf(input.value);
    return exact < 0 ? places.findIndex((text) => plain(text) === plain(input.value)) : exact;
  };
  return { read, put: (place) => plain(input.value) !== plain(places[place]) && (input.value = places[place]) };
}

/** Of the positions that were drawn with this control at this place, the one that moves the others least. */
function nearest(positions, now, moved) {
  const cost = (position) => {
    const steps = position.map((place, i) => Math.abs(place - now[i]));
    return steps.filter(Boolean).length + steps.reduce((sum, step) => sum + step) / 1e4;
  };
  const fitting = positions.filter((position) => position[moved] === now[moved]);
  return fitting.reduce((best, position) => (cost(position) < cost(best) ? position : best));
}

function start(box) {
  const drawn = JSON.parse(box.querySelector("script").textContent);
  const [view, note] = [box.querySelector(".view"), box.querySelector(".moved")];
  const elements = [...box.querySelectorAll(".control")];
  const controls = elements.map((element, i) => control(element, drawn.controls[i]));
  const positions = Object.keys(drawn.at).map((key) => key.split(",").map(Number));
  const loaded = new Map(); // pictures are kept, so that a position shows at once
  let [now, shown] = [drawn.controls.map(({ start }) => start), null];

  function show(position) {
    now = position;
    const frame = drawn.at[position.join()];
    controls.forEach((one, i) => one.put(position[i]));
    if (frame !== shown) view.innerHTML = drawn.frames[frame];
    shown = frame;
  }

  /** Show where the controls stand; moved is the number of the one that a reader has just moved. */
  function answer(moved) {
    const wanted = controls.map((one) => one.read());
    if (wanted[moved] < 0) {
      note.textContent = "This page has no picture for this text: JupyterLab draws any.";
      return;
    }
    const position = drawn.at[wanted.join()] === undefined ? nearest(positions, wanted, moved) : wanted;
    const others = drawn.controls.filter((_, i) => position[i] !== wanted[i]).map(({ label }) => label);
    note.textContent = others.length ? `This combination is not on this page, so this moved too: ${others.join(", ")}.` : "";
    show(position);
  }

  elements.forEach((element, i) => element.addEventListener("input", () => answer(i)));
  box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

  const last = drawn.controls[0].places.length - 1;
  const step = (by) => show([Math.min(Math.max(now[0] + by, 0), last)]);
  let clock = null;
  const play = box.querySelector(".play");
  function stop() {
    clearInterval(clock);
    clock = null;
    if (play) play.textContent = "Play";
  }
  play?.addEventListener("click", () => {
    if (clock) return stop();
    if (now[0] === last) show([0]);
    else step(1);
    play.textContent = "Stop";
    clock = setInterval(() => (now[0] < last ? step(1) : stop()), 700);
  });
  for (const [name, by] of [[".previous", -1], [".next", 1]]) {
    box.querySelector(name)?.addEventListener("click", () => (stop(), step(by)));
  }
  if (play) elements[0].addEventListener("pointerdown", stop);

  /** Show the first picture, and fetch the others, the nearest first; where none can be shown, the still one stays. */
  async function fill() {
    const sources = (html) => [...html.matchAll(/src="(frames\/[^"]+)"/g)].map((match) => match[1]);
    const fetched = (source) => {
      const image = new Image();
      image.src = source;
      loaded.set(source, image);
      return image.decode();
    };
    try {
      await Promise.all(sources(drawn.frames[drawn.at[now.join()]]).map(fetched));
    } catch {
      box.hidden = true;
      return;
    }
    if (shown === null) show(now);
    setTimeout(() => view.setAttribute("aria-live", "polite")); // it tells what changes, not what stood there first
    const distance = (position) => position.reduce((sum, place, i) => sum + Math.abs(place - now[i]), 0);
    const ahead = [...positions].sort((a, b) => distance(a) - distance(b));
    const names = new Set(ahead.flatMap((position) => sources(drawn.frames[drawn.at[position.join()]])));
    const rest = [...names].filter((name) => !loaded.has(name));
    const worker = async () => {
      while (rest.length) await fetched(rest.shift()).catch(() => {});
    };
    for (let at = 0; at < 4; at++) worker(); // a few at a time, so that one that is asked for does not wait
  }

  controls.forEach((one, i) => one.put(now[i])); // a browser that comes back keeps what controls stood at
  box.hidden = false;
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    fill();
  }, { rootMargin: "300px" }).observe(box);
}

document.querySelectorAll(".moves").forEach(start);
