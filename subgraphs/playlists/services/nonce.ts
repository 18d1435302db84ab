import { createHash } from 'node:crypto'
import { Refusal } from '#shared/errors.ts'
import { isPlainText } from '#shared/text.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** A client's own key for an edit: one person uses it once on a list, and again only to ask for the same. */
export interface Nonce {
  playlistId: string
  userId: string
  text: string
  /** Of what was asked for. */
  hash: string
}

/** The first answer to a nonce, with the hash of what had been asked for. */
export interface EarlierAnswer {
  hash: string
  answer: object
}

const MAX_LENGTH = 100

export function readNonce(nonce: string | null | undefined): string | null {
  if (nonce == null) return null
  if (nonce === '' || nonce.length > MAX_LENGTH || !isPlainText(nonce))
    throw new Refusal('BAD_USER_INPUT', `A nonce has 1 to ${MAX_LENGTH} characters`, ['nonce'])
  return nonce
}

/** Two requests with one hash ask for the same. The revision a client has seen is no part of what it asks for. */
export function hashOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url')
}

/** The first answer once more, with `alreadyApplied`; NONCE_REUSED when something else is asked for now. */
export function answerAgain<Answer extends object>(
  earlier: EarlierAnswer,
  hash: string,
): Answer & { alreadyApplied: true } {
  if (earlier.hash !== hash)
    throw new Refusal('NONCE_REUSED', 'This nonce has been used for another edit', ['nonce'])
  return { ...(earlier.answer as Answer), alreadyApplied: true }
}

/** SQL for the `EarlierAnswer` to a nonce as JSON, null when it is new. */
export function earlierAnswer(playlistId: string, userId: string, nonce: string | null): Prisma.Sql {
  return Prisma.sql`
    (SELECT jsonb_build_object('hash', request_hash, 'answer', answer) FROM playlist_answer
      WHERE playlist_id = ${playlistId} AND actor_id = ${userId} AND nonce = ${nonce}::text)`
}

/** The statement that keeps an answer under its nonce. */
export function keepAnswer(nonce: Nonce, answer: { revision: number }): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO playlist_answer (playlist_id, actor_id, nonce, revision, request_hash, answer)
    VALUES (${nonce.playlistId}, ${nonce.userId}, ${nonce.text}, ${answer.revision}, ${nonce.hash},
            ${JSON.stringify(answer)}::text::jsonb)`
}
