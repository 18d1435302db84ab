import type { DetailField, Details, Edit } from '../models.ts'
import { countItems } from './edit-row.ts'

/** An edit in a few words, for people. */
export function summaryOf(edit: Edit): string {
  const { kind, ops, details, undoes } = edit
  const count = countItems(edit)
  const items = `${count} ${count === 1 ? 'item' : 'items'}`
  const fields = ops.flatMap((op) => (op.kind === 'DetailsChanged' ? op.fields : []))
  const said = {
    CREATE: `created “${details.name}”`,
    DELETE: 'deleted the playlist',
    ADD: undoes === null ? `added ${items}` : `put ${items} back`,
    REMOVE: `removed ${items}`,
    MOVE: undoes === null ? `moved ${items}` : `moved ${items} back`,
    UPDATE: fields.map((field) => PHRASES[field](details)).join(', '),
  }[kind]
  return undoes === null ? capitalised(said) : `Took back revision ${undoes}: ${said}`
}

const PHRASES: Readonly<Record<DetailField, (details: Details) => string>> = {
  NAME: ({ name }) => `named it “${name}”`,
  DESCRIPTION: ({ description }) =>
    description === null ? 'took the description away' : 'changed the description',
  VISIBILITY: ({ visibility }) => `made it ${visibility.toLowerCase()}`,
  COLLABORATIVE: ({ collaborative }) => (collaborative ? 'opened it to editors' : 'closed it to editors'),
  COVER: ({ coverId }) => (coverId == null ? 'took the cover away' : 'changed the cover'),
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
