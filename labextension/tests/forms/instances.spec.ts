import { expect, test } from 'vitest';

import type * as api from '../../src/api';
import { search, sizeOf } from '../../src/forms/instances';

function instance(
  name: string,
  vcpus: number | null,
  gpus = 0,
  kinds: api.Instance['kinds'] = ['processing', 'training']
): api.Instance {
  const gpu = gpus > 0 ? 'A10G' : null;
  const gpu_memory_gib = gpus > 0 ? 24 * gpus : null;
  return {
    name,
    kinds,
    vcpus,
    memory_gib: vcpus && vcpus * 4,
    gpus,
    gpu,
    gpu_memory_gib
  };
}

const ALL = [
  instance('ml.g5.xlarge', 4, 1),
  instance('ml.m5.4xlarge', 16),
  instance('ml.m5.large', 2),
  instance('ml.p4d.24xlarge', 96, 8, ['training']),
  instance('ml.new', null)
];

test.each([
  [
    'everything, the smallest first',
    '',
    null,
    false,
    'm5.large m5.4xlarge new g5.xlarge p4d.24xlarge'
  ],
  ['by name', 'm5', null, false, 'm5.large m5.4xlarge'],
  ['by size', '16 vcpu', null, false, 'm5.4xlarge'],
  ['by GPU', 'a10g', null, false, 'g5.xlarge p4d.24xlarge'],
  ['with a GPU', '', null, true, 'g5.xlarge p4d.24xlarge'],
  ['for a kind of job', '', 'processing', true, 'g5.xlarge'],
  ['nothing', 'zzz', null, false, '']
])('%s', (_, text, kind, hasGpu, expected) => {
  const found = search(ALL, { text, kind, hasGpu });

  expect(found.map(({ name }) => name.slice(3)).join(' ')).toBe(expected);
});

test.each([
  [ALL[0], '4 vCPU · 16 GiB · 1 × A10G 24 GiB'],
  [ALL[2], '2 vCPU · 8 GiB'],
  [ALL[4], '']
])('the size of %j', (own, text) => {
  expect(sizeOf(own)).toBe(text);
});
