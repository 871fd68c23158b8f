/**
 * Letters that look alike: for each Latin letter (or pair), the letters of living scripts that are easily taken for
 * it. After the table of Unicode Technical Standard #39 (confusables.txt), its mappings to Latin letters only, and
 * without characters that NFKC folds by itself. It keeps one reader from passing for another; it is no word filter.
 */

const lookalikes: Readonly<Record<string, string>> = {
  A: 'ΑАᎪᗅꓮ',
  AA: 'Ꜳ',
  AE: 'ÆӔ',
  AO: 'Ꜵ',
  AU: 'Ꜷ',
  AV: 'ꜸꜺ',
  AY: 'Ꜽ',
  B: 'ꞴΒВᏴᗷꓐ',
  C: 'ⲤСᏟꓚ𐐕',
  D: 'Ꭰᗞᗪꓓ',
  E: 'ΕЕⴹᎬꓰ',
  F: 'ꞘϜᖴꓝ',
  G: 'ԌᏀᏳꓖ',
  H: 'ΗⲎНᎻᕼꓧ',
  J: 'ꞲͿЈᎫᒍꓙ',
  K: 'ΚⲔКᏦᛕꓗ',
  L: 'ⳐᏞᒪꓡ𐐛',
  M: 'ΜϺⲘМᎷᗰᛖꓟ',
  N: 'ΝⲚꓠ',
  O: '0\u07c0০୦〇𑓐ΟⲞОՕⵔዐଠ𐓂ꓳ𐐄',
  OE: 'Œ',
  OO: 'ꝎꚘ',
  P: 'ΡⲢРᏢᑭꓑ',
  Q: 'ⵕ',
  R: 'ƦᎡᏒ𐒴ᖇꓣ',
  S: 'ЅՏᏕᏚꓢ𐐠',
  T: 'ΤⲦТᎢꓔ',
  U: '∪Սሀ𐓎ᑌꓴ',
  V: '\u0667\u06f7ѴⴸᏙᐯꛟꓦ',
  W: 'ԜᎳᏔꓪ',
  X: 'ꞳΧⲬХⵝᚷꓫ',
  Y: 'ΥⲨУҮᎩᎽꓬ',
  Z: '𐋵ΖᏃꓜ',
  a: 'ɑαа',
  aa: 'ꜳ',
  ae: 'æӕ',
  ao: 'ꜵ',
  au: 'ꜷ',
  av: 'ꜹꜻ',
  ay: 'ꜽ',
  b: 'ƄЬᏏᖯ',
  bl: 'Ы',
  c: 'ᴄⲥсꮯ𐐽',
  d: 'ԁᏧᑯꓒ',
  dz: 'ʣ',
  e: 'ꬲеҽ',
  f: 'ꬵꞙẝք',
  g: 'ɡᶃƍց',
  h: 'һհᏂ',
  i: 'ıɪɩιіꙇӏꭵᎥ',
  j: 'ϳј',
  l: '1|\u0661\u06f1𞣇IƖǀΙⲒІӀ\u05d5\u05df\u0627\u07caⵏᛁꓲ',
  lO: 'Ю',
  ll: 'ǁ\u05f0',
  ls: 'ʪ',
  lz: 'ʫ',
  n: 'ոռ',
  o: '०੦૦௦౦೦൦๐໐၀\u0665\u06f5ᴏᴑꬽοσⲟоჿօ\u05e1\u0647\u06be\u06c1\u06d5ഠဝ𐓪𐐬',
  oe: 'œ',
  oo: '∞ꝏꚙ',
  p: 'ρⲣр',
  q: 'ԛգզ',
  r: 'ꭇꭈᴦⲅгꮁ',
  rn: 'm',
  s: 'ꜱƽѕꮪ𐑈',
  tf: 'ꝷ',
  ts: 'ʦ',
  u: 'ꞟᴜꭎꭒʋυս𐓶',
  ue: 'ᵫ',
  uo: 'ꭣ',
  v: '∨ᴠνѵ\u05d8ꮩ',
  w: 'ɯᴡѡԝաꮃ',
  x: 'хᕁᕽ',
  y: 'ɣᶌʏỿꭚγуүყ',
  z: 'ᴢꮓ',
};

const latin = new Map(
  Object.entries(lookalikes).flatMap(([letter, others]) =>
    [...others].map((other) => [other, letter] as const),
  ),
);

/**
 * What a text looks like, as UTS #39 calls it its skeleton: two texts with the same one are hard to tell apart. For
 * comparing only, never for showing.
 */
export const skeleton = (text: string): string =>
  [...text.normalize('NFKD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')]
    .map((character) => latin.get(character) ?? character)
    .join('')
    .normalize('NFD');
