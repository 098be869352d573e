// The drawing pad: what the phone sends of a drawn digit, and what an attacker redraws. Nothing is fetched.
// Used by notebook 3 (pad.py) and by slides/draw.html. A picture is 784 numbers from -1 (paper) to 1 (ink).

const [SIDE, BOX, PEN] = [28, 20, 2.4]; // MNIST fits digits into 20 pixels; strokes are about 2.4 wide

// --- the network and its attackers, as in splitnn.py and attackers.py ---
/** The arrays of pad.py, as {group: {name: Float32Array}}; rows of integers become floats again. */
export async function unpack(header, packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  const model = {};
  let at = 0;
  for (const [group, name, rows, columns] of header) {
    const scales = new Float32Array(bytes.slice(at, (at += 4 * (rows > 1 ? rows : columns))));
    const integers = new Int8Array(bytes, at, rows > 1 ? rows * columns : 0);
    const values = Float32Array.from(integers, (value, i) => value * scales[Math.floor(i / columns)]);
    (model[group] ??= {})[name] = rows > 1 ? values : scales;
    at += integers.length;
  }
  return model;
}

/** matrix · vector + constants; the matrix has a row for each number that comes out. */
function times(matrix, vector, constants) {
  return Float64Array.from({ length: matrix.length / vector.length }, (_, row) => {
    let sum = constants?.[row] ?? 0;
    for (let i = 0, at = row * vector.length; i < vector.length; i++) sum += matrix[at + i] * vector[i];
    return sum;
  });
}

/** start + each row of the matrix times its share, kept between paper and ink. */
function picture(matrix, shares, start) {
  const out = Float64Array.from(start);
  for (let row = 0, at = 0; row < shares.length; row++) {
    for (let i = 0; i < out.length; i++) out[i] += shares[row] * matrix[at++];
  }
  return out.map((value) => Math.min(1, Math.max(-1, value)));
}

/** What the phone sends for a picture: ReLU(W x + b), and noise, a number for each unit. */
export function send(client, x, noise) {
  return times(client.weight, x, client.bias).map((sum, unit) => Math.max(sum, 0) + (noise?.[unit] ?? 0));
}

/** The picture that an attacker ("line" or "weights") redraws from a message with Laplace noise of that scale. */
export function redraw(model, client, attacker, sent, scale) {
  const variance = 2 * scale * scale;
  const along = times(client.directions, sent.map((value, i) => value - client.centre[i]));
  // The more of what it sees in a direction is noise, the less a line that learned with noise trusts it.
  const trusted = along.map((value, k) => (value * client.spread[k]) / (client.spread[k] + variance));
  const line = picture(client.line, trusted, client.start);
  if (attacker === "line") return line;
  // The posterior mean, in the directions in which letters vary. Under noise the line tells which units speak.
  const speaks = scale > 0 ? send(client, line) : sent;
  const { facts, expected, gram, counted } = (client.known ??= equations(model.letters, client));
  const wanted = new Float64Array(gram.length);
  speaks.forEach((value, unit) => {
    const [fact, now, surprise] = [facts[unit], value > 0, sent[unit] - expected[unit]];
    for (let i = 0; now !== counted[unit] && i < fact.length; i++) { // gram is kept: from frame to frame, few change
      const [row, signed] = [gram[i], now ? fact[i] : -fact[i]];
      for (let j = i; j < fact.length; j++) row[j] += signed * fact[j];
    }
    counted[unit] = now;
    for (let i = 0; now && i < fact.length; i++) wanted[i] += fact[i] * surprise;
  });
  return picture(model.letters.factor, solved(gram, client.slack[0] + variance, wanted), model.letters.mean);
}

/** What each unit says of a picture's directions, what the mean letter makes it say, and sums for those that speak. */
function equations({ mean, factor }, { weight, bias }) {
  const [size, width] = [mean.length, factor.length / mean.length];
  return {
    facts: Array.from(bias, (_, unit) => times(factor, weight.subarray(unit * size, (unit + 1) * size))),
    expected: times(weight, mean, bias),
    gram: Array.from({ length: width }, () => new Float64Array(width)), // right upper half only
    counted: Array.from(bias, () => false),
  };
}

/** The z with (gram + penalty · identity) z = what is given as z, by elimination. */
function solved(gram, penalty, z) {
  const rows = gram.map((row, i) => Float64Array.from(row).fill(row[i] + penalty, i, i + 1));
  rows.forEach((row, i) => {
    for (let j = i + 1; j < z.length; j++) {
      const [below, share] = [rows[j], row[j] / row[i]];
      for (let k = j; k < z.length; k++) below[k] -= share * row[k];
      z[j] -= share * z[i];
    }
  });
  for (let i = z.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < z.length; k++) z[i] -= rows[i][k] * z[k];
    z[i] /= rows[i][i];
  }
  return z;
}

const mse = (x, y) => x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / x.length;
const laplace = () => Math.log((1 - Math.random()) / (1 - Math.random())); // the difference of two exponentials

// --- from strokes to a picture ---
/** What of the way from a to b lies on the pad, as shares of it: [from, to], with from < to if any of it does. */
export const onPad = (a, b) => a.reduce(([from, to], value, axis) => {
  const ends = [0, 1].map((edge) => (edge - value) / (b[axis] - value || 1e-12));
  return [Math.max(from, Math.min(...ends)), Math.min(to, Math.max(...ends))];
}, [0, 1]);

function trace(context, strokes, width, place) {
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  for (const points of strokes) {
    const [x, y] = place(points[0]);
    context.moveTo(x - 0.01, y); // not quite its start, so that a stroke of one point makes a dot
    for (const point of points) context.lineTo(...place(point));
  }
  context.stroke();
}

/** Ink, 784 bytes, of strokes (lists of [x, y] from 0 to 1), sized and centred by mass as MNIST does. */
export function centred(strokes, context) {
  const ink = new Uint8Array(SIDE * SIDE);
  if (!strokes.length) return ink;
  const points = strokes.flat();
  const [low, high] = [Math.min, Math.max].map((end) => points.reduce(([a, b], [x, y]) => [end(a, x), end(b, y)]));
  // A dot stays a dot: small marks are not blown up without end.
  const scale = (BOX - PEN) / Math.max(high[0] - low[0], high[1] - low[1], 0.2);
  const middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  for (let pass = 0; pass < 2; pass++) {
    context.clearRect(0, 0, SIDE, SIDE);
    trace(context, strokes, PEN, (point) => point.map((value, axis) => (value - middle[axis]) * scale + SIDE / 2));
    const { data } = context.getImageData(0, 0, SIDE, SIDE);
    const mass = [0, 0, 0];
    for (let i = 0; i < ink.length; i++) {
      ink[i] = data[4 * i + 3];
      [(i % SIDE) + 0.5, Math.floor(i / SIDE) + 0.5, 1].forEach((weight, n) => (mass[n] += weight * ink[i]));
    }
    middle.forEach((_, axis) => (middle[axis] += (mass[axis] / mass[2] - SIDE / 2) / scale));
  }
  return ink;
}

const moved = (ink, [right, down]) => ink.map((_, i) => {
  const [x, y] = [(i % SIDE) - right, Math.floor(i / SIDE) - down];
  return x >= 0 && x < SIDE && y >= 0 && y < SIDE ? ink[y * SIDE + x] : 0;
});

// --- what the reader sees and touches ---
const shown = (name, caption, width = 28, height = 28, role = 'role="img"') => `<figure><canvas class="${name}"
width="${width}" height="${height}" ${role}></canvas><figcaption>${caption}</figcaption></figure>`;
const PAGE = `<div>${shown("pen", "Draw a digit", 448, 448, 'role="application" tabindex="0"')}
${shown("phone", "What the phone sees")}${shown("redrawn", "The attacker's picture")}
${shown("bars", "", 1500, 150)}</div>
<div><button type="button" class="undo">Undo</button><button type="button" class="clear">Clear</button>
<label>Client <select class="client"></select></label><label>Attacker <select class="attacker">
<option value="line">straight line</option><option value="weights">weights known</option></select></label>
<label>Noise <input class="noise" type="range" min="0" max="4" step="0.25" value="0"><output>0</output></label></div>
<div class="score"></div><div role="status"></div>`;
const HELP = `Drawing pad. Draw with mouse, finger or pen. Keys 0 to 9 load a digit that somebody wrote, arrow keys
move it, Backspace undoes, Delete clears.`;
const KEYS = { Backspace: ["undo"], "Control z": ["undo"], Delete: ["clear"], ArrowLeft: ["move", -1, 0],
  ArrowRight: ["move", 1, 0], ArrowUp: ["move", 0, -1], ArrowDown: ["move", 0, 1] };

/** Build the pad in an element. ink: what it shows first, 784 bytes, or a digit. settled(ink): after each change. */
export function mount(element, model, ink, settled = () => {}) {
  element.classList.add("drawing-pad");
  // Or JupyterLab takes digits and arrows for its own commands, from the pen and from the controls.
  element.dataset.lmSuppressShortcuts = "true";
  element.addEventListener("keydown", (event) => event.stopPropagation());
  element.innerHTML = PAGE;
  const find = (name) => element.querySelector(`.${name}`);
  const [client, attacker, noise, score] = ["client", "attacker", "noise", "score"].map(find);
  const [pen, phone, redrawn, bars] = ["pen", "phone", "redrawn", "bars"].map((name) => find(name).getContext("2d"));
  const label = (context, text) => context.canvas.setAttribute("aria-label", text);
  label(pen, HELP);
  pen.scale(pen.canvas.width / SIDE, pen.canvas.width / SIDE);
  const small = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
  for (const group of Object.keys(model).filter((name) => model[name].spread)) client.add(new Option(group));
  const bytes = model.samples.pictures.map((value) => Math.round(127.5 * value + 127.5));
  const digit = (n) => new Uint8Array(bytes.slice(784 * n, 784 * (Number(n) + 1)));
  let state = { ink: ink.length ? ink : digit(ink), strokes: [], shift: [0, 0] }; // no ink where there are strokes
  const history = [];
  let holding = null; // the pointer that draws
  let waiting = 0; // for the next frame
  let noises; // of scale 1
  const renew = () => (noises = Array.from({ length: 500 }, laplace)); // for each message

  function show(context, values) {
    const image = new ImageData(SIDE, SIDE);
    values.forEach((value, i) => image.data.fill(value, 4 * i, 4 * i + 3).fill(255, 4 * i + 3, 4 * i + 4));
    context.putImageData(image, 0, 0);
  }
  function frame() {
    waiting = 0;
    const ink = moved(state.ink ?? centred(state.strokes, small), state.shift);
    const [net, scale] = [model[client.value], Number(noise.value)];
    const x = Float64Array.from(ink, (value) => value / 127.5 - 1);
    const sent = send(net, x, noises.map((value) => value * scale));
    const drawn = redraw(model, net, attacker.value, sent, scale);
    show(phone, ink.map((value) => 255 - value));
    show(redrawn, drawn.map((value) => 127.5 - 127.5 * value));
    pen.clearRect(0, 0, SIDE, SIDE);
    if (state.ink) pen.drawImage(phone.canvas, 0, 0);
    trace(pen, state.strokes, PEN, (point) => point.map((value, axis) => value * SIDE + state.shift[axis]));
    bars.clearRect(0, 0, 1500, 150);
    bars.fillStyle = "#0072b2";
    sent.forEach((value, i) => bars.fillRect(3 * i, 120, 3, (-120 * value) / net.peak[0]));
    bars.fillRect(0, 120, 1500, 1); // zero; with noise, bars go below
    find("bars + figcaption").textContent = `What the phone sends: 500 numbers. ` +
      `Silent, so 0: ${sent.filter((value) => value === 0).length}. Largest: ${Math.max(...sent).toFixed(1)}.`;
    const [error, guess] = [mse(x, drawn), mse(x, model.letters.mean)];
    const far = `${Math.round(100 * (1 - error / guess))} % of the way from a guess to a perfect copy. `;
    score.textContent = !ink.some(Boolean) ? "The pad is empty."
      : `The attacker ${error < guess ? `is ${far}` : "does no better than a guess. "}Mean squared error of its ` +
      `picture: ${error.toFixed(3)}. Of the guess, the mean of all letters: ${guess.toFixed(3)}.`;
    return ink;
  }
  function settle() {
    const ink = frame();
    label(phone, `Your drawing, 28 by 28 pixels, ${ink.filter(Boolean).length} of them with ink`);
    label(redrawn, `The attacker's picture. ${score.textContent}`);
    label(bars, find("bars + figcaption").textContent);
    element.lastChild.textContent = score.textContent; // read out, once a change is complete
    settled(ink);
  }
  function become(next) {
    history.push(state);
    state = { ...state, ...next };
  }
  const later = () => (waiting ||= requestAnimationFrame(() => waiting && frame(renew())));
  const act = {
    undo: () => (state = history.pop() ?? state),
    clear: () => become({ ink: null, strokes: [], shift: [0, 0] }),
    move: (...by) => become({ shift: state.shift.map((value, axis) => value + by[axis]) }),
    load: (n) => become({ ink: digit(n), strokes: [], shift: [0, 0] }),
  };
  let last; // where the pen was, on the pad or beside it
  function where({ clientX, clientY }) {
    const { left, top, width } = pen.canvas.getBoundingClientRect(); // a square
    return [(clientX - left) / width, (clientY - top) / width];
  }
  /** Draw on to a place. A stroke ends at the edge of the pad; where the pen comes back, another begins. */
  function extend(to) {
    const [start, end] = onPad(last, to);
    const point = (t) => last.map((value, axis) => value + t * (to[axis] - value) - state.shift[axis] / SIDE);
    if (0 < start && start < end) state.strokes.push([point(start)]);
    if (start < end) state.strokes.at(-1).push(point(end));
    last = to;
  }
  function stop(pointer, kept) {
    if (pointer !== holding || holding === null) return;
    holding = null;
    if (!kept) act.undo();
    settle();
  }
  function change(does) {
    stop(holding, true);
    does();
    settle(renew());
  }
  const on = (name, then) => pen.canvas.addEventListener(name, then);
  on("pointerdown", (event) => {
    if (!event.isPrimary) return stop(holding, false); // two fingers zoom the page and draw nothing
    if (holding !== null || event.button) return;
    holding = event.pointerId;
    pen.canvas.setPointerCapture(holding); // so that lifting the pen elsewhere ends the stroke
    become(state.ink ? { ink: null, shift: [0, 0] } : {});
    state.strokes = [...state.strokes, []];
    extend((last = where(event)));
    later();
  });
  on("pointermove", (event) => {
    if (event.pointerId !== holding) return;
    (event.getCoalescedEvents?.() ?? [event]).map(where).forEach(extend);
    later();
  });
  on("pointercancel", (event) => stop(event.pointerId, false));
  on("lostpointercapture", (event) => stop(event.pointerId, true));
  on("keydown", (event) => {
    const key = event.ctrlKey || event.metaKey ? `Control ${event.key}` : event.key;
    const [does, ...given] = (/^\d$/.test(key) ? ["load", key] : KEYS[key]) ?? [];
    if (!does || event.altKey) return;
    event.preventDefault();
    change(() => act[does](...given));
  });
  for (const name of ["undo", "clear"]) find(name).addEventListener("click", () => change(act[name]));
  element.addEventListener("input", () => settle((find("noise + output").textContent = noise.value)));
  settle(renew());
}
/** Unpack and mount, or say why not. */
export const start = (element, header, packed, ...rest) => unpack(header, packed)
  .then((model) => mount(element, model, ...rest))
  .catch((problem) => (element.textContent = `The pad needs a browser of 2023 or newer. ${problem}`));

/** The notebook's side. Weights come by message: a trait would be stored with the notebook. */
function render({ model, el }) {
  const settled = (ink) => {
    model.set("drawing", [...ink]);
    model.save_changes();
  };
  const arrived = (header, buffers) => {
    model.off("msg:custom", arrived);
    start(el, header, buffers[0], Uint8Array.from(model.get("drawing")), settled);
  };
  model.on("msg:custom", arrived);
  model.send("weights");
  return () => model.off("msg:custom", arrived);
}
export default { render };
