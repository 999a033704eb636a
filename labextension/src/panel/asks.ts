import type * as api from '../api';

/**
 * Say in a few words what runs a stage, and where.
 */
export function asks(stage: Pick<api.Stage, 'kind' | 'compute'>): string {
  const { compute, kind } = stage;
  if (!kind || !compute) {
    return '';
  }
  const where = [compute.instance_type, compute.queue, compute.backend].find(
    value => typeof value === 'string'
  );
  return where === kind ? kind : `${kind} · ${where}`;
}
