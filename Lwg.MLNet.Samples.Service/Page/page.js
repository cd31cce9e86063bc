'use strict';

const byId = id => document.getElementById(id);
const [form, picture, preview, reference, frame, result] = ['form', 'picture', 'preview', 'reference', 'frame', 'result'].map(byId);
const otherPhoto = 'reference';
let photo = null;          // the chosen photograph, a File or a Blob
let motions = [];
let running = null;        // the AbortController of the request at work

const chosen = () => form.querySelector('input[name=motion]:checked')?.value;

function show(element, visible) { element.hidden = !visible; }

function tell(problem) {
  byId('problem').textContent = problem ?? '';
  show(byId('problem'), Boolean(problem));
}

function setUrl(image, blob) {
  if (image.src.startsWith('blob:'))
    URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
}

function refresh() {
  const byReference = chosen() === otherPhoto, motion = motions.find(m => m.name === chosen());
  show(byId('with-motion'), !byReference);
  show(byId('with-reference'), byReference);
  if (motion)
    frame.max = motion.frameCount - 1;
  byId('moment').textContent = motion ? `${(frame.value / motion.framesPerSecond).toFixed(1)} s` : '';
  const ready = photo !== null && !running;
  byId('make').disabled = !ready || (byReference && reference.files.length === 0);
  byId('animate').disabled = !ready || byReference;
  show(byId('cancel'), running !== null);
}

function take(file) {
  photo = file;
  setUrl(preview, file);
  show(preview, true);
  show(byId('hint'), false);
  tell();
  refresh();
}

async function send(path, fields, about) {
  const data = new FormData();
  data.append('picture', photo, photo.name ?? 'picture.png');
  for (const [name, value] of Object.entries(fields))
    data.append(name, value);
  running = new AbortController();
  tell();
  show(byId('empty'), false);
  show(byId('busy'), true);
  refresh();
  const start = performance.now();
  const clock = setInterval(() => { byId('elapsed').textContent = `${((performance.now() - start) / 1000).toFixed(0)} s`; }, 200);
  try {
    const answer = await fetch(path, { method: 'POST', body: data, signal: running.signal });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => null);
      tell(problem?.detail ?? `The service answered ${answer.status}.`);
      return;
    }
    const blob = await answer.blob();
    setUrl(result, blob);
    await result.decode().catch(() => undefined);
    show(result, true);
    const shown = Math.round(100 * Number(answer.headers.get('X-Surface-Shown')));
    byId('about').textContent = `${about}: the photograph shows ${shown} % of what is seen here; ${((performance.now() - start) / 1000).toFixed(1)} s`;
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
    show(byId('empty'), result.hidden);
    refresh();
  }
}

function title(name) { return name[0].toUpperCase() + name.slice(1); }

form.addEventListener('submit', e => {
  e.preventDefault();
  if (chosen() === otherPhoto)
    send('imitate', { reference: reference.files[0] }, 'Pose');
  else
    send('imitate', { motion: chosen(), frame: frame.value }, title(chosen()));
});
byId('animate').addEventListener('click', () => send('animate', { motion: chosen() }, title(chosen())));
byId('cancel').addEventListener('click', () => running?.abort());
picture.addEventListener('change', () => { if (picture.files.length > 0) take(picture.files[0]); });
reference.addEventListener('change', refresh);
frame.addEventListener('input', refresh);

const drop = byId('drop');
for (const kind of ['dragenter', 'dragover'])
  drop.addEventListener(kind, e => { e.preventDefault(); drop.classList.add('over'); });
for (const kind of ['dragleave', 'drop'])
  drop.addEventListener(kind, e => { e.preventDefault(); drop.classList.remove('over'); });
drop.addEventListener('drop', e => { if (e.dataTransfer.files.length > 0) take(e.dataTransfer.files[0]); });

for (const button of document.querySelectorAll('[data-person]'))
  button.addEventListener('click', async () => take(await (await fetch(`people/${button.dataset.person}.png`)).blob()));

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
