import type { ISharedCell, ISharedNotebook } from '@jupyter/ydoc';
import type { JSONObject } from '@lumino/coreutils';

import { History } from './history';
import { cellsOf, layOut, samePart, type ILayout } from './layout';
import { quoted, readRole, withRole, type IRole, type RoleKind } from './roles';
import {
  readSettings,
  without,
  writeSettings,
  type ISettings
} from './settings';

/** What a cell is to become. */
export interface IAssignment {
  readonly kind: RoleKind;
  readonly stage?: string;
}

/**
 * Everything that the panel and the chips may change in a notebook.
 *
 * Each method reads what is there at that moment, changes only what it is about and is one step of
 * the undo history, so it goes together with other tabs, people and tools.
 */
export class StageEdits {
  constructor(notebook: ISharedNotebook, title: () => string) {
    this._notebook = notebook;
    this._title = title;
    this._history = new History(notebook);
  }

  get settings(): ISettings {
    return readSettings(this._notebook.getMetadata('zflow'));
  }

  /**
   * Give cells a part in the pipeline.
   *
   * @param keepOthers - Whether cells below, which followed the ones above, stay what they are;
   * else they follow along.
   */
  assign(
    cells: readonly number[],
    assignment: IAssignment,
    { keepOthers = true } = {}
  ): void {
    this.assignAll(
      cells.map(cell => ({ cell, assignment })),
      { keepOthers }
    );
  }

  /**
   * Give each of several cells a part of its own, as one step.
   */
  assignAll(
    changes: readonly { cell: number; assignment: IAssignment }[],
    { keepOthers = true } = {}
  ): void {
    this._history.edit(() => {
      const before = this._layout();
      const chosen = new Set<number>();
      for (const { cell, assignment } of changes) {
        chosen.add(cell);
        this._setRole(cell, assignment.kind, assignment.stage ?? null);
      }
      // In a notebook without stages no cell has been anything that could be kept.
      if (keepOthers && before.isTagged) {
        this._pin(before, chosen);
      }
    });
  }

  /**
   * Call a stage something else, wherever it is named; an existing name joins the two.
   */
  renameStage(name: string, to: string): void {
    this._history.edit(() => {
      this._notebook.cells.forEach((cell, index) => {
        if (this._role(cell)?.stage === name) {
          this._setRole(index, 'stage', to);
        }
        this._setTags(cell, tags =>
          unique(
            tags.map(tag => (tag === `after:${name}` ? `after:${to}` : tag))
          )
        );
      });
      this._removeSelfOrder(to);
      this._updateSettings(({ pipeline, stages }) => {
        const { [name]: own, ...rest } = stages;
        return { pipeline, stages: own ? { [to]: own, ...rest } : rest };
      });
    });
  }

  /**
   * Take a stage apart: its cells follow the ones above, and nothing waits for it any more.
   */
  removeStage(name: string): void {
    this._history.edit(() => {
      this._notebook.cells.forEach((cell, index) => {
        if (this._role(cell)?.stage === name) {
          this._setRole(index, 'untagged', null);
          this._setTags(cell, tags => tags.filter(tag => !isOrder(tag)));
        }
        this._setTags(cell, tags =>
          tags.filter(tag => tag !== `after:${name}`)
        );
      });
      this._updateSettings(({ pipeline, stages }) => ({
        pipeline,
        stages: without(stages, name)
      }));
    });
  }

  /**
   * Make a stage wait for another one, or no longer.
   */
  setAfter(name: string, other: string, wanted: boolean): void {
    this._history.edit(() => {
      const cells = cellsOf(this._layout(), name);
      cells.forEach((index, position) => {
        this._setTags(this._notebook.getCell(index), tags => {
          const rest = tags.filter(tag => tag !== `after:${other}`);
          return wanted && position === 0 ? [...rest, `after:${other}`] : rest;
        });
      });
    });
  }

  /**
   * Write one tag of a cell in another way, or take it away.
   */
  replaceTag(index: number, tag: string, by: string | null): void {
    this._history.edit(() =>
      this._setTags(this._notebook.getCell(index), tags =>
        unique(
          tags.flatMap(own => (own !== tag ? [own] : by === null ? [] : [by]))
        )
      )
    );
  }

  /**
   * Replace the settings of one stage.
   */
  updateStage(name: string, change: (stage: JSONObject) => JSONObject): void {
    this._history.edit(() =>
      this._updateSettings(({ pipeline, stages }) => ({
        pipeline,
        stages: { ...stages, [name]: change(stages[name] ?? {}) }
      }))
    );
  }

  /**
   * Replace the settings of the pipeline.
   */
  updatePipeline(change: (pipeline: JSONObject) => JSONObject): void {
    this._history.edit(() =>
      this._updateSettings(({ pipeline, stages }) => ({
        pipeline: change(pipeline),
        stages
      }))
    );
  }

  private _layout(): ILayout {
    const roles = this._notebook.cells.map(cell => this._role(cell));
    return layOut(roles, this._title());
  }

  private _role(cell: ISharedCell): IRole | null {
    return cell.cell_type === 'code'
      ? readRole(tagsOf(cell), cell.getSource())
      : null;
  }

  private _setRole(index: number, kind: RoleKind, stage: string | null): void {
    const cell = this._notebook.getCell(index);
    if (cell.cell_type !== 'code') {
      return;
    }
    const magic = readRole([], cell.getSource()).magic;
    if (magic && kind === 'stage' && stage) {
      // The line is the author's way to say it: a tag beside it would only repeat it.
      if (magic.name !== stage) {
        cell.updateSource(magic.start, magic.end, quoted(stage));
      }
      this._setTags(cell, tags => withRole(tags, 'untagged', null));
      return;
    }
    if (magic && kind !== 'skip') {
      const end = cell.getSource().indexOf('\n', magic.end);
      cell.updateSource(0, end < 0 ? cell.getSource().length : end + 1, '');
    }
    this._setTags(cell, tags => withRole(tags, kind, stage));
  }

  /** Write down what cells were that would now become something else. */
  private _pin(before: ILayout, chosen: ReadonlySet<number>): void {
    // Writing one down settles the cells that follow it, so few are ever written.
    for (let next = 0; next >= 0;) {
      const { parts } = this._layout();
      next = parts.findIndex(
        (part, index) =>
          index >= next &&
          !chosen.has(index) &&
          !samePart(part, before.parts[index])
      );
      const part = before.parts[next];
      if (part) {
        this._setRole(next, part.kind, part.stage);
        next += 1;
      }
    }
  }

  private _setTags(
    cell: ISharedCell,
    change: (tags: readonly string[]) => readonly string[]
  ): void {
    const tags = tagsOf(cell);
    const next = change(tags);
    if (
      tags.length === next.length &&
      tags.every((tag, i) => tag === next[i])
    ) {
      return;
    }
    if (next.length > 0) {
      cell.setMetadata('tags', [...next]);
    } else {
      cell.deleteMetadata('tags');
    }
  }

  private _removeSelfOrder(name: string): void {
    for (const index of cellsOf(this._layout(), name)) {
      this._setTags(this._notebook.getCell(index), tags =>
        tags.filter(tag => tag !== `after:${name}`)
      );
    }
  }

  private _updateSettings(change: (settings: ISettings) => ISettings): void {
    const raw: unknown = this._notebook.getMetadata('zflow');
    const next = writeSettings(raw, change(readSettings(raw)));
    if (next !== null) {
      this._notebook.setMetadata('zflow', next);
    } else if (raw !== undefined) {
      this._notebook.deleteMetadata('zflow');
    }
  }

  private readonly _notebook: ISharedNotebook;
  private readonly _title: () => string;
  private readonly _history: History;
}

/**
 * A cell's tags, as far as they are text.
 */
export function tagsOf(cell: ISharedCell): string[] {
  const tags: unknown = cell.getMetadata('tags');
  return Array.isArray(tags)
    ? tags.filter((tag): tag is string => typeof tag === 'string')
    : [];
}

function isOrder(tag: string): boolean {
  return tag.startsWith('after:');
}

function unique(tags: readonly string[]): string[] {
  return [...new Set(tags)];
}
