import { Type, type Static } from 'typebox';
import {
  FILE_PROBLEMS,
  ROW_PROBLEMS,
  type FileProblem,
  type RowProblem,
} from '../domain/lead-import.ts';

const column = Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]);

/** `ImportPreview` of domain/lead-import.ts: what `POST leads/preview` answers. */
export const Preview = Type.Object({
  columns: Type.Array(Type.String()),
  mapping: Type.Object({ phone: column, name: column, surname: column }),
  rows: Type.Integer(),
  good: Type.Integer(),
  bad: Type.Integer(),
  duplicates: Type.Integer(),
  problems: Type.Array(
    Type.Object({
      line: Type.Integer(),
      reason: Type.Enum<RowProblem[]>([...ROW_PROBLEMS]),
      text: Type.String(),
    }),
  ),
  sample: Type.Array(Type.Array(Type.String())),
});

/** What `POST leads/import` answers. */
export const ImportResult = Type.Object({ added: Type.Integer(), skipped: Type.Integer() });
export type ImportResult = Static<typeof ImportResult>;

/** What either answers with status 409 or 422. */
export const ImportRefusal = Type.Object({
  error: Type.Object({
    code: Type.Enum<FileProblem[]>([...FILE_PROBLEMS]),
    line: Type.Union([Type.Integer(), Type.Null()]),
  }),
});
