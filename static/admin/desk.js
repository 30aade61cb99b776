'use strict';
// The frame of the desk: collapse the menu to a rail, and one key for the quick search.
{
  const KEY = 'desk-menu-collapsed';
  const toggle = document.getElementById('toggle-nav-sidebar');
  const rail = document.getElementById('nav-rail');

  const showMenu = (isCollapsed) => {
    document.body.classList.toggle('nav-collapsed', isCollapsed);
    rail.hidden = !isCollapsed;
    toggle.setAttribute('aria-expanded', String(!isCollapsed));
  };

  if (toggle && rail) {
    toggle.hidden = false;
    showMenu(localStorage.getItem(KEY) === 'yes');
    toggle.addEventListener('click', () => {
      const isCollapsed = !document.body.classList.contains('nav-collapsed');
      localStorage.setItem(KEY, isCollapsed ? 'yes' : 'no');
      showMenu(isCollapsed);
    });
  }

  // One filter menu is open at a time, and a click beside it closes it.
  const filters = [...document.querySelectorAll('#changelist-filter details')];
  document.addEventListener('click', (event) => {
    for (const filter of filters) if (!filter.contains(event.target)) filter.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const open = filters.find((filter) => filter.open);
    if (open) {
      open.open = false;
      open.querySelector('summary').focus();
    }
  });

  const search = document.getElementById('quick-search');
  const isTyping = (target) => target.closest('input, textarea, select, [contenteditable="true"], [contenteditable=""]');
  document.addEventListener('keydown', (event) => {
    if (!search) return;
    const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    const isCtrlK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const inEditor = isCtrlK && event.target.closest('.ProseMirror');  // there it makes a link
    if (!isSlash && (!isCtrlK || inEditor)) return;
    event.preventDefault();
    if (document.body.classList.contains('nav-collapsed') || search.offsetParent === null) {
      location.href = search.form.dataset.page;
      return;
    }
    search.focus();
    search.select();
  });
}
