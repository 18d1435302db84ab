import { ERASED_USER } from '#shared/privacy/erased.ts'
import type { ForeignKey } from '../models.ts'

/** Whoever did something, for the users room to fill in; null for nobody, and for who was erased. */
export function personOf(userId: string | null): ForeignKey | null {
  return userId === null || userId === ERASED_USER ? null : { id: userId }
}
