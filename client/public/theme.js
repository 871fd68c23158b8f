/* global document, localStorage, matchMedia, navigator */
// Before the first paint: the reader's theme and language, so that nothing flashes. Classic script, no module.
(function () {
  var root = document.documentElement;
  var kept = function (key) {
    try {
      return localStorage.getItem('marginalia.' + key);
    } catch {
      return null; // storage is switched off
    }
  };
  var theme = kept('theme');
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  root.dataset.theme = theme;
  var language = kept('language') || navigator.language || 'en';
  root.lang = /^zh\b/i.test(language) ? 'zh-Hans' : 'en';
})();
