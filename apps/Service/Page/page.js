'use strict';

const byId = id => document.getElementById(id);
const [form, picture, preview, reference, frame, angle, result] = ['form', 'picture', 'preview', 'reference', 'frame', 'angle', 'result'].map(byId);
const otherPhoto = 'reference';
const kinds = ['image/jpeg', 'image/png', 'image/webp', 'image/bmp', 'image/gif'];
const chosenFiles = { picture: null, reference: null };   // the valid choices, Files or Blobs
const previews = { picture: [preview, byId('hint')], reference: [byId('reference-preview'), byId('reference-hint')] };
const turns = { picture: 0, reference: 0 };
const limits = fetch('limits').then(answer => answer.json());
let motions = [];
let running = null;        // the AbortController of the current request

const valueOf = name => form.querySelector(`input[name=${name}]:checked`)?.value;
const job = () => valueOf('job');
const chosen = () => valueOf('motion');
const wantsReference = () => job() === 'swap' || (job() === 'imitate' && chosen() === otherPhoto);

function show(element, visible) { element.hidden = !visible; }

function tell(problem, where = 'problem') {
  byId(where).textContent = problem ?? '';
  show(byId(where), Boolean(problem));
}

function setUrl(image, blob) {
  if (image.src.startsWith('blob:'))
    URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
}

// Removes the last result, which no longer matches the settings.
function clearStage() {
  tell();
  show(result, false);
  show(byId('caption'), false);
  show(byId('empty'), !running);
}

function refresh() {
  for (const part of form.querySelectorAll('[data-job]'))
    show(part, part.dataset.job === job());
  const byReference = wantsReference(), motion = job() === 'imitate' ? motions.find(m => m.name === chosen()) : undefined;
  show(byId('with-motion'), motion !== undefined);
  show(byId('with-reference'), byReference);
  byId('reference-what').textContent = job() === 'swap' ? 'of the clothes' : 'of the pose';
  if (motion) {
    frame.max = motion.frameCount - 1;
    byId('moment').textContent = `${(frame.value / motion.framesPerSecond).toFixed(1)} s`;
  }
  byId('degrees').textContent = `${angle.value}°`;
  const ready = chosenFiles.picture !== null && !running;
  byId('make').disabled = !ready || (byReference && chosenFiles.reference === null);
  byId('animate').disabled = !ready;
  byId('animate').textContent = job() === 'view' ? 'All around' : 'Make it move';
  show(byId('animate'), !byReference);
}

// Returns what is wrong with a file, in a sentence; null for a valid file. Files that can be checked here are refused without an upload.
async function faultOf(file) {
  const { maximumUploadBytes, maximumPixels, minimumSide } = await limits;
  const name = file.name ? `“${file.name}”` : 'The picture', megabytes = bytes => (bytes / 1048576).toFixed(1).replace('.0', '');
  if (file.type ? !kinds.includes(file.type) : file.size === 0)
    return `${name} is not a picture that is read here; JPEG, PNG, WebP, BMP and GIF are.`;
  if (file.size > maximumUploadBytes)
    return `${name} has ${megabytes(file.size)} MB; at most ${megabytes(maximumUploadBytes)} MB are allowed.`;
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
  } catch {
    return `${name} cannot be read as a picture: it is damaged, or not what its name says. JPEG, PNG, WebP, BMP and GIF are read here.`;
  } finally {
    URL.revokeObjectURL(image.src);
  }
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  if (width * height > maximumPixels)
    return `${name} has ${width} × ${height} pixels; at most ${maximumPixels / 1e6} megapixels are allowed.`;
  if (Math.min(width, height) < minimumSide)
    return `${name} has ${width} × ${height} pixels; at least ${minimumSide} are needed on each side.`;
  return null;
}

// Sets a file as 'picture' or 'reference', or shows why it is refused; of several in a row, the last one counts.
async function take(role, file) {
  chosenFiles[role] = null;
  refresh();
  const turn = ++turns[role], fault = await faultOf(file);
  if (turn !== turns[role])
    return;
  tell(fault, `${role}-problem`);
  if (fault === null)
    chosenFiles[role] = file;
  const [image, hint] = previews[role];
  show(image, fault === null);
  show(hint, fault !== null);
  if (fault === null)
    setUrl(image, file);
  if (!running)
    clearStage();
  refresh();
}

// Converts the service's progress into a sentence and a fraction from 0 to 1; undefined for an unknown fraction.
function progressOf({ phase, done, count }) {
  switch (phase) {
    case 'wait': return ['Waiting for an engine.', undefined];
    case 'work':
      if (count > 1 && done > 0)
        return [`Picture ${Math.min(done + 1, count)} of ${count}`, done / count];
      return [count > 1 ? 'Analysing the photograph.' : 'Making the picture.', undefined];
    default: return ['Uploading the photograph.', undefined];
  }
}

function showProgress([sentence, part]) {
  byId('phase').textContent = sentence;
  if (part === undefined)
    byId('progress').removeAttribute('value');
  else
    byId('progress').value = part;
}

// Shows the progress of a request until it has finished.
async function watch(ticket, controller) {
  while (running === controller) {
    const answer = await fetch(`progress/${ticket}`, { signal: controller.signal }).then(a => a.ok ? a.json() : null).catch(() => null);
    if (answer && running === controller)
      showProgress(progressOf(answer));
    await new Promise(later => setTimeout(later, 300));
  }
}

async function send(path, fields, about) {
  const data = new FormData(), photo = chosenFiles.picture, ticket = ticketOf(crypto.getRandomValues(new Uint8Array(16)));
  data.append('picture', photo, photo.name ?? 'picture.png');
  for (const [name, value] of Object.entries(fields))
    data.append(name, value);
  const controller = running = new AbortController();
  clearStage();
  showProgress(progressOf({ phase: 'none' }));
  show(byId('busy'), true);
  refresh();
  byId('stage').scrollIntoView({ block: 'nearest', behavior: 'instant' });
  const start = performance.now();
  const clock = setInterval(() => { byId('elapsed').textContent = `${((performance.now() - start) / 1000).toFixed(0)} s`; }, 200);
  watch(ticket, controller);
  try {
    const answer = await fetch(path, { method: 'POST', body: data, headers: { 'X-Ticket': ticket }, signal: controller.signal });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => null);
      tell(problem?.detail ?? `The service answered ${answer.status}.`);
      return;
    }
    const blob = await answer.blob(), shown = answer.headers.get('X-Surface-Shown');
    setUrl(result, blob);
    await result.decode().catch(() => undefined);
    show(result, true);
    byId('about').textContent = `${about}${shown === null ? '' : `: the photograph shows ${Math.round(100 * Number(shown))}\u00a0% of what is seen here`}; ${((performance.now() - start) / 1000).toFixed(1)} s`;
    byId('save').href = result.src;
    byId('save').download = `${about.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.png`;
    show(byId('caption'), true);
  } catch (e) {
    if (e.name !== 'AbortError')
      tell('The service cannot be reached.');
  } finally {
    clearInterval(clock);
    byId('elapsed').textContent = '';
    running = null;
    show(byId('busy'), false);
    show(byId('empty'), result.hidden && byId('problem').hidden);
    refresh();
    byId('stage').scrollIntoView({ block: 'nearest', behavior: 'instant' });
  }
}

// Formats random bytes as a GUID; crypto.randomUUID is not available without HTTPS.
function ticketOf(bytes) {
  return Array.from(bytes, (byte, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + byte.toString(16).padStart(2, '0')).join('');
}

function title(name) { return name[0].toUpperCase() + name.slice(1); }

form.addEventListener('submit', e => {
  e.preventDefault();
  if (job() === 'view')
    send('view', { angle: angle.value }, `Turned by ${angle.value}°`);
  else if (job() === 'swap')
    send('swap', { reference: chosenFiles.reference, parts: valueOf('parts') }, 'Other clothes');
  else if (chosen() === otherPhoto)
    send('imitate', { reference: chosenFiles.reference }, 'Pose');
  else
    send('imitate', { motion: chosen(), frame: frame.value }, title(chosen()));
});
byId('animate').addEventListener('click', () => job() === 'view' ? send('turn', {}, 'All around') : send('animate', { motion: chosen() }, title(chosen())));
byId('cancel').addEventListener('click', () => running?.abort());
for (const input of [picture, reference])
  input.addEventListener('change', () => { if (input.files.length > 0) take(input.id, input.files[0]); });
for (const input of form.querySelectorAll('input[type=range], input[type=radio]'))
  input.addEventListener('input', refresh);

for (const drop of document.querySelectorAll('.drop')) {
  for (const kind of ['dragenter', 'dragover'])
    drop.addEventListener(kind, e => { e.preventDefault(); drop.classList.add('over'); });
  for (const kind of ['dragleave', 'drop'])
    drop.addEventListener(kind, e => { e.preventDefault(); drop.classList.remove('over'); });
  drop.addEventListener('drop', e => { if (e.dataTransfer.files.length > 0) take(drop.htmlFor, e.dataTransfer.files[0]); });
}

for (const button of document.querySelectorAll('[data-person]'))
  button.addEventListener('click', async () => take(button.dataset.role ?? 'picture', await (await fetch(`people/${button.dataset.person}.png`)).blob()));

function addChip(value, text, checked) {
  const label = document.createElement('label'), input = document.createElement('input'), span = document.createElement('span');
  Object.assign(input, { type: 'radio', name: 'motion', value, checked });
  span.textContent = text;
  label.append(input, span);
  input.addEventListener('change', refresh);
  byId('motions').append(label);
}

fetch('motions').then(answer => answer.json()).then(list => {
  motions = list;
  list.forEach((motion, i) => addChip(motion.name, title(motion.name), i === 0));
  addChip(otherPhoto, 'Another photograph’s pose', false);
  frame.max = list[0].frameCount - 1;
  frame.value = Math.floor(list[0].frameCount / 4);
  refresh();
}).catch(() => tell('The service cannot be reached.'));
