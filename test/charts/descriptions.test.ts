import { expect, test } from 'vitest';
import { catalogued, CHART_NAMES } from '../../src/charts/catalogue.ts';
import { undescribed } from '../../src/charts/page.ts';

test.each(CHART_NAMES)('%s says of every state and of every decision why it is there', (name) => {
  expect(undescribed(catalogued(name).chart)).toEqual([]);
});
