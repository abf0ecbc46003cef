// Keeps the page current from status.json, once a second while somebody looks. The server has rendered everything already, with the same
// words (Figures.cs, FlowSection.cs, LedgerSection.cs): only values change here. A new configuration or process loads the page again.
'use strict';
(() => {
  const slotSeconds = 5, period = 1000, patience = 5000;
  const body = document.body, byId = id => document.getElementById(id);
  const cards = (kind, name) => [...document.querySelectorAll(`[data-${kind}]`)].filter(e => e.dataset[kind] === name);
  let before = null, paused = false, looking = false, timer = 0;

  // Values as the server words them.
  const number = n => n.toLocaleString('en-US');
  const short = n => n < 9.95 ? String(Math.round(n * 10) / 10) : String(Math.round(n));
  const rate = n => n < 9.95 ? String(Math.round(n * 10) / 10) : number(Math.round(n));
  const size = bytes => {
    const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
    let unit = 0;
    for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1024;
    return `${short(bytes)} ${units[unit]}`;
  };
  const duration = s => s < 1 ? 'less than 1 s' : s < 90 ? `${short(Math.round(s))} s` : s < 5400 ? `${short(Math.round(s / 60))} min`
    : s < 129600 ? `${short(Math.round(s / 3600))} h` : `${short(Math.round(s / 86400))} days`;
  const drain = (s, queued) => s === null ? 'no estimate of the backlog yet' : s === 'Infinity' ? 'the backlog does not shrink' : s === 0 ? (queued === 0 ? 'nothing waits' : 'too few for an estimate') : `backlog gone in ${duration(s)}`;
  const autonomy = s => s === null ? 'no estimate of the room yet' : s === 'Infinity' ? 'room for any outage while nothing arrives' : `at the rate of the last half minute room for an outage of ${duration(s)}`;
  const sum = counts => Object.values(counts).reduce((total, n) => total + n, 0);
  const clock = time => time.slice(11, 19);
  const certificate = (ends, now) => {
    const days = Math.floor((Date.parse(ends) - Date.parse(now)) / 86400000), day = ends.slice(0, 10);
    return days < 0 ? `certificate ended ${day}` : `certificate ends ${day}, in ${number(days)} ${days === 1 ? 'day' : 'days'}`;
  };

  const setText = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
  const field = (card, name, text) => setText(card.querySelector(`[data-f=${name}]`), text);
  const fill = (list, texts, empty) => {
    const wanted = texts.length ? texts : empty ? [{ text: empty }] : [];
    while (list.children.length > wanted.length) list.lastChild.remove();
    wanted.forEach((entry, i) => {
      const item = list.children[i] ?? list.appendChild(document.createElement('li'));
      setText(item, entry.text);
      if (entry.level) item.dataset.level = entry.level;
    });
    for (const node of [...list.childNodes]) if (node.nodeType === Node.TEXT_NODE) node.remove();
  };
  const problem = (card, text) => {
    const element = card.querySelector('[data-f=problem]');
    if (!element) return;
    element.hidden = text === null;
    setText(element, text ?? '');
  };

  // Sparklines: the values of the server, continued here as it continues them (SlotSeries.cs): in slots of the same length that begin at the
  // same moments, with what came since the page was rendered.
  const sparks = new Map();
  const spark = (card, total, now) => {
    const element = card.querySelector('.spark');
    if (!element) return;
    if (!sparks.has(element)) {
      const begun = element.dataset;
      sparks.set(element, {
        values: begun.values.split(',').map(Number), open: Number(begun.open), passed: Number(begun.passed), total: Number(begun.total), at: Date.parse(body.dataset.time),
      });
    }
    const line = sparks.get(element);
    let seconds = (now - line.at) / 1000, grown = Math.max(0, total - line.total);
    if (seconds <= 0) return;
    const finished = line.passed + seconds >= slotSeconds;
    line.at = now;
    line.total = total;
    while (line.passed + seconds >= slotSeconds) {
      const share = slotSeconds - line.passed, part = grown * share / seconds;
      line.values.push((line.open + part) / slotSeconds);
      line.values.shift();
      grown -= part;
      seconds -= share;
      line.open = line.passed = 0;
    }
    line.open += grown;
    line.passed += seconds;
    if (!finished) return;
    const most = Math.max(...line.values), height = 20;
    const points = line.values.map((v, i) => `${i},${Math.round((most > 0 ? height - height * v / most : height) * 10) / 10}`);
    element.firstElementChild.setAttribute('points', points.join(' '));
    field(card, 'highest', `at most ${rate(most)} in ten minutes`);
  };

  const showListener = (l, earlier, seconds, now) => {
    for (const card of cards('listener', l.name)) {
      field(card, 'address', l.address ?? 'not in the running configuration');
      if (card.classList.contains('card')) card.dataset.state = l.problem === null ? 'ok' : 'bad';
      problem(card, l.problem);
      if (earlier) {
        const perSecond = (l.received - earlier.received) / seconds;
        field(card, 'received', rate(perSecond));
      }
      spark(card, l.received, Date.parse(now));
      for (const name of ['routed', 'unrouted', 'malformed', 'truncated']) field(card, name, number(l[name]));
      field(card, 'received_total', number(l.received));
      field(card, 'balances', l.balances ? 'balances' : 'DOES NOT BALANCE');
    }
  };

  const connection = (relay, now) => !relay.connected || relay.endpoint === null ? 'no connection'
    : `connected to ${relay.endpoint} over ${relay.protocol}${relay.certificate_ends ? `; ${certificate(relay.certificate_ends, now)}` : ''}`;

  const dropped = o => sum(o.dropped);

  const showOutput = (o, earlier, seconds, now) => {
    const away = o.relay !== null && !o.relay.connected, behind = o.drain_seconds !== null && o.drain_seconds !== 0;
    for (const card of cards('output', o.name)) {
      if (card.classList.contains('card')) card.dataset.state = o.problem !== null || away ? 'bad' : behind ? 'behind' : 'ok';
      field(card, 'state', o.problem !== null ? 'problem' : away ? 'not connected' : behind ? 'behind' : 'ok');
      if (o.relay) field(card, 'connection', connection(o.relay, now));
      if (earlier) {
        const delivered = (o.delivered - earlier.delivered) / seconds;
        field(card, 'accepted', rate((o.accepted - earlier.accepted) / seconds));
        field(card, 'delivered', rate(delivered));
      }
      spark(card, o.delivered, Date.parse(now));
      const percent = o.capacity_bytes > 0 ? Math.min(100, Math.round(100 * o.queued_bytes / o.capacity_bytes)) : 0;
      const meter = card.querySelector('meter');
      if (meter) {
        meter.value = percent;
        setText(meter, `${percent} %`);
      }
      field(card, 'queue', `${number(o.queued)} waiting, ${size(o.queued_bytes)} of ${size(o.capacity_bytes)}`);
      field(card, 'drain', drain(o.drain_seconds, o.queued));
      field(card, 'autonomy', autonomy(o.autonomy_seconds));
      problem(card, o.problem);
      field(card, 'accepted_total', number(o.accepted));
      field(card, 'delivered_total', number(o.delivered));
      field(card, 'queued', number(o.queued));
      field(card, 'dropped', number(dropped(o)));
      field(card, 'truncated', number(o.truncated));
      field(card, 'balances', o.balances ? 'balances' : 'DOES NOT BALANCE');
    }
  };

  const losses = status => [
    ...status.listeners.flatMap(l => [
      ...Object.entries(l.lost_before).map(([reason, count]) => [count, `lost before they reached it (${reason})`]),
      [l.kernel_dropped, 'dropped by the kernel before they could be read'], [l.refused_connections, 'connections refused'],
      [l.framing_violations, 'connections with invalid framing'],
    ].filter(([count]) => count > 0).map(([count, what]) => ({ text: `${l.name}: ${number(count)} ${what}` }))),
    ...status.outputs.flatMap(o => Object.entries(o.dropped).filter(([, count]) => count > 0)
      .map(([reason, count]) => ({ text: `${o.name}: ${number(count)} dropped (${reason})` }))),
  ];

  // What HAProxy's lines say.
  const showInsight = listeners => {
    const seen = listeners.filter(l => l.insight !== null);
    byId('insight').hidden = seen.length === 0;
    const rows = seen.flatMap(l => l.insight.frontends.map(f => ({ name: `${l.name}, ${f.name}`, requests: f.requests })))
      .sort((a, b) => sum(b.requests) - sum(a.requests)).slice(0, 20);
    const table = byId('frontends');
    while (table.rows.length > rows.length) table.deleteRow(-1);
    rows.forEach((row, i) => {
      const texts = [row.name, number(sum(row.requests)), ...['2xx', '3xx', '4xx', '5xx', 'none', 'tcp'].map(c => number(row.requests[c] ?? 0))];
      const line = table.rows[i] ?? table.insertRow();
      texts.forEach((text, k) => {
        if (!line.cells[k]) {
          const cell = line.appendChild(document.createElement(k === 0 ? 'th' : 'td'));
          if (k === 0) cell.scope = 'row';
        }
        setText(line.cells[k], text);
      });
    });
    fill(byId('unreadable'), seen.flatMap(l => [
      ...(l.insight.cut_lines > 0 ? [{ text: `${l.name}: ${number(l.insight.cut_lines)} lines cut at ${l.insight.cut_lengths.map(number).join(', ')} bytes: `
        + 'raise len of the log line, or maxlen of the ring' }] : []),
      ...l.insight.unreadable.map(k => ({ text: `${l.name}: ${number(k.count)} lines (${k.kind}): ${k.remedy} Example: ${k.example}` })),
    ]), 'nothing that has come so far');
  };

  const isAnother = status => String(status.server.pid) !== body.dataset.pid || (status.server.configured ?? '') !== body.dataset.configured
    || status.listeners.some(l => !cards('listener', l.name).length) || status.outputs.some(o => !cards('output', o.name).length);

  const show = status => {
    const seconds = before ? (Date.parse(status.time) - Date.parse(before.time)) / 1000 : 0;
    const earlier = (kind, name) => seconds > 0 ? before[kind].find(e => e.name === name) : null;
    byId('state').dataset.state = status.ready ? 'ok' : 'bad';
    setText(byId('state'), status.ready ? 'ready' : 'NOT READY');
    setText(byId('uptime'), duration(status.server.uptime_seconds));
    setText(byId('time'), clock(status.time));
    if (status.spool.free_bytes !== null) setText(byId('free'), size(status.spool.free_bytes));
    fill(byId('problems'), status.problems.map(text => ({ text })));
    for (const l of status.listeners) showListener(l, earlier('listeners', l.name), seconds, status.time);
    for (const o of status.outputs) showOutput(o, earlier('outputs', o.name), seconds, status.time);
    showInsight(status.listeners);
    fill(byId('losses'), losses(status), 'nothing that this server knows of');
    fill(byId('events'), status.log.recent.toReversed().map(e => ({
      text: `${clock(e.time)} ${e.level} ${e.message}${e.count > 1 ? ` (${number(e.count)} times)` : ''}`, level: e.level,
    })), 'none');
    before = status;
    drawWires();
  };

  const look = async () => {
    try {
      const answer = await fetch('status.json', { cache: 'no-store', signal: AbortSignal.timeout(patience) });
      if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
      const status = await answer.json();
      if (isAnother(status)) {
        // Not at once: the page must not load itself again and again.
        if (Date.now() - performance.timeOrigin > 3000) location.reload();
        return;
      }
      show(status);
    } catch (failed) {
      byId('state').dataset.state = 'old';
      setText(byId('state'), `no answer since ${byId('time').textContent}`);
    }
  };

  const turn = async () => {
    if (!paused && !looking && !document.hidden) {
      looking = true;
      await look();
      looking = false;
    }
    clearTimeout(timer);
    timer = setTimeout(turn, period);
  };

  // The lines between cards, as wide screens show them.
  const drawWires = () => {
    const svg = document.querySelector('.wires'), frame = svg.getBoundingClientRect();
    if (frame.width === 0) return;
    const wanted = [];
    const link = (from, to, state) => {
      const a = from.getBoundingClientRect(), b = to.getBoundingClientRect();
      const x1 = a.right - frame.left, y1 = a.top + a.height / 2 - frame.top, x2 = b.left - frame.left, y2 = b.top + b.height / 2 - frame.top;
      const bend = (x2 - x1) / 2;
      wanted.push({ d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, state });
    };
    const named = (kind, names) => names.split(' ').filter(Boolean).flatMap(n => cards(kind, decodeURIComponent(n))).filter(e => e.classList.contains('card'));
    for (const route of document.querySelectorAll('.route')) {
      for (const listener of named('listener', route.dataset.from)) link(listener, route, listener.dataset.state);
      for (const output of named('output', route.dataset.to)) link(route, output, output.dataset.state);
    }
    while (svg.children.length > wanted.length) svg.lastChild.remove();
    wanted.forEach((wire, i) => {
      const path = svg.children[i] ?? svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
      path.setAttribute('d', wire.d);
      path.dataset.state = wire.state;
    });
  };

  const pause = byId('pause');
  pause.hidden = false;
  pause.addEventListener('click', () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) turn();
  });
  addEventListener('resize', drawWires);
  drawWires();
  turn();
})();
