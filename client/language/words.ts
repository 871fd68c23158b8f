import type { en } from './en.js';

/** The same words in every language: plural forms that a language lacks are left out. */
export type Words = { [Key in keyof typeof en as Key extends `${string}_one` ? never : Key]: string };
