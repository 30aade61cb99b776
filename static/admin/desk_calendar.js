'use strict';
// The calendar: a click on a call opens its panel, a click on an empty place books, a drag blocks.
// Without it, calls and free half hours are links, and time is blocked by the button above.
{
  const MINUTE_PX = 6 / 5;
  const DRAG_PX = 10;
  const STEP = 15;
  const grid = document.querySelector('.cal-grid');

  const clockOf = (minutes) => {
    const two = (number) => String(number).padStart(2, '0');
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  };
  const spoken = (minutes) => new Date(2000, 0, 1, 0, minutes).toLocaleTimeString(
    document.documentElement.lang || 'en-us', {hour: 'numeric', minute: '2-digit'});

  const address = (page, values) => {
    const query = new URLSearchParams(values);
    if (grid.dataset.practitioner) query.set('practitioner', grid.dataset.practitioner);
    return `${page}?${query}`;
  };

  // Panels of calls
  const openPanel = (link, panel) => {
    panel.hidden = false;
    panel.showPopover();
    panel.classList.add('is-placed');
    const place = link.getBoundingClientRect();
    const size = panel.getBoundingClientRect();
    const fits = place.right + size.width + 16 < innerWidth;
    const left = fits ? place.right + 8 : Math.max(16, Math.min(place.left, innerWidth - size.width - 16));
    const below = fits ? place.top : place.bottom + 8;
    panel.style.inset = 'auto';
    panel.style.left = `${left}px`;
    panel.style.top = `${Math.max(16, Math.min(below, innerHeight - size.height - 16))}px`;
    panel.querySelector('.btn-main').focus();
  };
  for (const link of document.querySelectorAll('a[data-panel]')) {
    const panel = document.getElementById(link.dataset.panel);
    if (!panel || !panel.showPopover) continue;
    link.setAttribute('aria-haspopup', 'dialog');
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      openPanel(link, panel);
    });
    panel.addEventListener('toggle', (event) => {
      if (event.newState !== 'closed') return;
      panel.hidden = true;
      const focused = document.activeElement;
      if (focused === document.body || panel.contains(focused)) link.focus();
    });
    panel.querySelector('[data-close]').addEventListener('click', () => panel.hidePopover());
  }

  // Empty places
  const minutesAt = (day, y, round) => {
    const minutes = Number(grid.dataset.first) + (y - day.getBoundingClientRect().top) / MINUTE_PX;
    return Math.max(0, Math.min(24 * 60, round(minutes / STEP) * STEP));
  };
  let drag = null;

  const finish = () => {
    if (drag && drag.box) drag.box.remove();
    drag = null;
  };
  const show = (drag) => {
    if (!drag.box) {
      drag.box = document.createElement('div');
      drag.box.className = 'cal-drag';
      drag.day.append(drag.box);
    }
    const first = Number(grid.dataset.first);
    drag.box.style.top = `${(drag.from - first) * MINUTE_PX}px`;
    drag.box.style.height = `${(drag.to - drag.from) * MINUTE_PX}px`;
    drag.box.textContent = `${spoken(drag.from)} – ${spoken(drag.to)}`;
  };

  if (grid && matchMedia('(pointer: fine)').matches) {
    grid.addEventListener('pointerdown', (event) => {
      const day = event.target.closest('.cal-day');
      if (!day || event.button || event.target.closest('.ev')) return;
      drag = {day, y: event.clientY, start: minutesAt(day, event.clientY, Math.floor), moved: false};
    });
    document.addEventListener('pointermove', (event) => {
      if (!drag || !grid.dataset.block) return;
      if (Math.abs(event.clientY - drag.y) < DRAG_PX && !drag.moved) return;
      drag.moved = true;
      const at = minutesAt(drag.day, event.clientY, event.clientY < drag.y ? Math.floor : Math.ceil);
      drag.from = Math.min(drag.start, at);
      drag.to = Math.max(drag.start + STEP, at);
      show(drag);
    });
    grid.addEventListener('dragstart', (event) => {
      if (event.target.closest('.free')) event.preventDefault();  // it would drag the link
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') finish();
    });
    document.addEventListener('pointercancel', finish);
    document.addEventListener('pointerup', (event) => {
      const done = drag;
      finish();
      if (!done) return;
      if (done.moved) {
        grid.addEventListener('click', (click) => click.preventDefault(), {capture: true, once: true});
        setTimeout(() => {
          location.href = address(grid.dataset.block, {
            on: done.day.dataset.day, begins: clockOf(done.from), ends: clockOf(done.to)});
        });
      } else if (grid.dataset.add && !event.target.closest('a, button, .ev')) {
        location.href = address(grid.dataset.add, {on: done.day.dataset.day, at: clockOf(done.start)});
      }
    });
  }

  const print = document.getElementById('cal-print');
  if (print) {
    print.hidden = false;
    print.addEventListener('click', () => window.print());
  }
}
