import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardsBetween, placeCards, type CardBox } from '../../client/margin/place-cards.js';

const card = (want: number, height: number): CardBox => ({ want, height });

describe('cards of the margin', () => {
  test('[PAGE1] stand level with their passages where there is room', () => {
    expect([...placeCards([card(30, 40), card(200, 40)])]).toEqual([30, 200]);
  });

  test('[PAGE1] give way downwards, with space between', () => {
    expect([...placeCards([card(30, 40), card(40, 40), card(300, 40)])]).toEqual([30, 84, 300]);
  });

  test('[PAGE1] the active one is exactly level, and those before it give way upwards', () => {
    expect([...placeCards([card(100, 40), card(110, 40), card(120, 40)], { pivot: 2 })]).toEqual([
      12, 66, 120,
    ]);
  });

  test('[PAGE1] none stands above the top of the margin: there even the active one gives way', () => {
    expect([...placeCards([card(30, 100), card(40, 40)], { pivot: 1, lowest: 20 })]).toEqual([20, 134]);
  });

  test('[PAGE2] a card that is held keeps its place while others come above it', () => {
    expect([...placeCards([card(90, 40), card(100, 40)], { pivot: 1, pivotTop: 100 })]).toEqual([46, 100]);
    expect([...placeCards([card(90, 40), card(100, 40)], { pivot: 1, pivotTop: 140 })]).toEqual([86, 140]);
  });

  test('no cards, no places', () => {
    expect(placeCards([])).toHaveLength(0);
    expect(cardsBetween(new Float64Array(0), [], 0, 100)).toEqual([0, -1]);
  });
});

const boxes = fc
  .array(fc.tuple(fc.nat(3000), fc.integer({ min: 20, max: 300 })), { minLength: 1, maxLength: 60 })
  .map((list) => list.sort(([a], [b]) => a - b).map(([want, height]) => card(want, height)));

test('[PAGE1] no two cards ever overlap, and the active one is level unless the top is in the way', () => {
  fc.assert(
    fc.property(boxes, fc.nat(59), (cards, index) => {
      const pivot = index % cards.length;
      const tops = placeCards(cards, { pivot, space: 14, lowest: 20 });
      for (let at = 1; at < cards.length; at++) {
        expect(tops[at]).toBeGreaterThanOrEqual(tops[at - 1]! + cards[at - 1]!.height + 14);
      }
      expect(tops[0]).toBeGreaterThanOrEqual(20);
      const before = cards.slice(0, pivot).reduce((sum, { height }) => sum + height + 14, 20);
      expect(tops[pivot]).toBe(Math.max(cards[pivot]!.want, before));
    }),
  );
});

test('[PAGE3] the cards of a stretch are those that touch it', () => {
  fc.assert(
    fc.property(boxes, fc.nat(4000), fc.nat(1500), (cards, top, length) => {
      const tops = placeCards(cards);
      const [first, last] = cardsBetween(tops, cards, top, top + length);
      cards.forEach(({ height }, index) => {
        const touches = tops[index]! + height >= top && tops[index]! <= top + length;
        expect(index >= first && index <= last).toBe(touches);
      });
    }),
  );
});
