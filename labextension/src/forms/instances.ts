import type * as api from '../api';

/** How instance types are looked for. */
export interface IInstanceQuery {
  readonly text: string;
  readonly kind: string | null;
  readonly hasGpu: boolean;
}

/** A number and its unit are one word. */
const WORDS = /\d+ (?:vcpu|gib)|\S+/g;

/**
 * Return the instance types that fit, the smallest first.
 *
 * Each word of the text has to be found in the name, the GPU or the size: `g5 24`, `a10g`,
 * `16 vcpu`.
 */
export function search(
  instances: readonly api.Instance[],
  { hasGpu, kind, text }: IInstanceQuery
): api.Instance[] {
  const words = text.toLowerCase().match(WORDS) ?? [];
  return instances
    .filter(
      instance =>
        (!hasGpu || instance.gpus > 0) &&
        (kind === null || instance.kinds.some(own => own === kind)) &&
        words.every(word => says(instance, word))
    )
    .sort(
      (a, b) =>
        a.gpus - b.gpus ||
        (a.vcpus ?? Infinity) - (b.vcpus ?? Infinity) ||
        (a.memory_gib ?? Infinity) - (b.memory_gib ?? Infinity) ||
        a.name.localeCompare(b.name)
    );
}

/**
 * Say how large an instance type is.
 */
export function sizeOf(instance: api.Instance): string {
  const { gpu, gpu_memory_gib, gpus, memory_gib, vcpus } = instance;
  const parts = [
    vcpus === null ? '' : `${vcpus} vCPU`,
    memory_gib === null ? '' : `${memory_gib} GiB`
  ];
  if (gpus > 0) {
    const memory = gpu_memory_gib === null ? '' : ` ${gpu_memory_gib} GiB`;
    parts.push(`${gpus} × ${gpu ?? 'GPU'}${memory}`);
  }
  return parts.filter(Boolean).join(' · ');
}

function says(instance: api.Instance, word: string): boolean {
  const text = `${instance.name} ${sizeOf(instance)}`.toLowerCase();
  // A size is a whole number: `6 vcpu` is not found in `16 vCPU`.
  return /^\d+ /.test(word)
    ? ` ${text}`.includes(` ${word}`)
    : text.includes(word);
}
