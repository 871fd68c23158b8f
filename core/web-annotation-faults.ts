/**
 * What makes JSON no valid W3C annotation: the rules of the Web Annotation Data Model that a reader relies on, each
 * with the path of the fault. https://www.w3.org/TR/annotation-model/
 */

import type { Json, JsonObject } from './entries.js';
import { annoContext } from './web-annotation.js';
import { asList, hasType, isObject } from './web-bodies.js';

export interface Fault {
  /** Keys and indices with dots between them, such as `body.0.value`. Empty: the whole. */
  readonly path: string;
  readonly message: string;
}

/** Absolute, and without what no IRI may hold. */
const isIri = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i.test(value);

const collections = ['Choice', 'List', 'Composite', 'Independents'];

class Finder {
  readonly faults: Fault[] = [];

  add(path: string, message: string): void {
    this.faults.push({ path, message });
  }

  annotation(value: JsonObject): void {
    if (!asList(value['@context']).includes(annoContext)) this.add('@context', `must include ${annoContext}`);
    if (!hasType(value, 'Annotation')) this.add('type', 'must include Annotation');
    if (value['id'] !== undefined && !isIri(value['id'])) this.add('id', 'must be an IRI');
    if (value['body'] !== undefined && value['bodyValue'] !== undefined)
      this.add('bodyValue', 'must not stand beside a body');
    if (value['bodyValue'] !== undefined && typeof value['bodyValue'] !== 'string')
      this.add('bodyValue', 'must be a string');
    if (!asList(value['motivation']).every((motivation) => typeof motivation === 'string'))
      this.add('motivation', 'must be a name or an IRI');
    if (asList(value['target']).length === 0) this.add('target', 'is needed');
    this.each(value, 'body', (body, path) => this.resource(body, path));
    this.each(value, 'target', (target, path) => this.resource(target, path));
  }

  each(value: JsonObject, key: string, visit: (item: Json, path: string) => void, path = ''): void {
    const all = value[key];
    const here = path === '' ? key : `${path}.${key}`;
    if (Array.isArray(all)) all.forEach((item, index) => visit(item, `${here}.${index}`));
    else if (all !== undefined && all !== null) visit(all, here);
  }

  /** A body or target: an IRI, a text, something with a source, or a collection of these. */
  resource(value: Json, path: string): void {
    if (typeof value === 'string') {
      if (!isIri(value)) this.add(path, 'must be an IRI or an object');
      return;
    }
    if (!isObject(value)) return this.add(path, 'must be an IRI or an object');
    if (value['id'] !== undefined && !isIri(value['id'])) this.add(`${path}.id`, 'must be an IRI');
    if (hasType(value, 'TextualBody') || (value['type'] === undefined && value['value'] !== undefined)) {
      if (typeof value['value'] !== 'string') this.add(`${path}.value`, 'must be a string');
    } else if (value['source'] !== undefined || hasType(value, 'SpecificResource')) {
      this.specific(value, path);
    } else if (collections.some((type) => hasType(value, type))) {
      if (asList(value['items']).length === 0) this.add(`${path}.items`, 'must hold something');
      this.each(value, 'items', (item, at) => this.resource(item, at), path);
    } else if (value['id'] === undefined) this.add(`${path}.id`, 'is needed');
  }

  specific(value: JsonObject, path: string): void {
    const { source } = value;
    if (!isIri(source) && !isObject(source)) this.add(`${path}.source`, 'must be an IRI or an object');
    else if (isObject(source) && source['id'] !== undefined && !isIri(source['id']))
      this.add(`${path}.source.id`, 'must be an IRI');
    this.each(value, 'selector', (selector, at) => this.selector(selector, at), path);
  }

  selector(value: Json, path: string): void {
    if (typeof value === 'string') {
      if (!isIri(value)) this.add(path, 'must be an IRI or an object');
      return;
    }
    if (!isObject(value)) return this.add(path, 'must be an IRI or an object');
    if (hasType(value, 'TextQuoteSelector')) {
      if (typeof value['exact'] !== 'string' || value['exact'] === '')
        this.add(`${path}.exact`, 'must be a text');
      for (const key of ['prefix', 'suffix'])
        if (value[key] !== undefined && typeof value[key] !== 'string')
          this.add(`${path}.${key}`, 'must be a string');
    }
    if (hasType(value, 'TextPositionSelector') || hasType(value, 'DataPositionSelector')) {
      const { start, end } = value;
      for (const key of ['start', 'end'])
        if (!Number.isSafeInteger(value[key]) || Number(value[key]) < 0)
          this.add(`${path}.${key}`, 'must be a whole number from 0');
      if (Number(end) < Number(start)) this.add(`${path}.end`, 'must not lie before the start');
    }
    if (hasType(value, 'Choice')) this.each(value, 'items', (item, at) => this.selector(item, at), path);
    this.each(value, 'refinedBy', (inner, at) => this.selector(inner, at), path);
  }
}

/** Deeper, or with this key, it could not be stored as it is. */
const deepest = 16;
function unsafePath(value: Json, path: string, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth === deepest) return path;
  for (const [key, item] of Object.entries(value)) {
    const here = path === '' ? key : `${path}.${key}`;
    const unsafe = key === '__proto__' ? here : unsafePath(item, here, depth + 1);
    if (unsafe !== null) return unsafe;
  }
  return null;
}

/** Empty for a valid annotation. `value` is what `JSON.parse` gives. */
export function findFaults(value: unknown): readonly Fault[] {
  if (!isObject(value)) return [{ path: '', message: 'must be an annotation' }];
  const unsafe = unsafePath(value, '', 0);
  if (unsafe !== null) return [{ path: unsafe, message: 'cannot be stored' }];
  const finder = new Finder();
  finder.annotation(value);
  return finder.faults;
}
