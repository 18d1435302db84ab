import { createHmac, timingSafeEqual } from 'node:crypto'

/** Addresses of archives: good for 15 minutes, for one job of one person. */
export interface DownloadUrls {
  sign(jobId: string, userId: string): string
  /** The job that a path names, and a check that it was signed for this person and is still good; null for what is no such path. */
  read(path: string): { jobId: string; isGoodFor(userId: string): boolean } | null
}

export const PRIVACY_PREFIX = '/privacy/'

const LIFETIME_MS = 15 * 60_000
const PATH = /^\/privacy\/(privacy_[0-9A-Za-z]{22})\/([1-9]\d{12})\.([\w-]{43})$/

export function createDownloadUrls(
  secret: string,
  publicUrl: string,
  now: () => number = Date.now,
): DownloadUrls {
  const signatureOf = (jobId: string, userId: string, expiresAt: string): string =>
    createHmac('sha256', secret).update(`${jobId} ${userId} ${expiresAt}`).digest('base64url')

  return {
    sign(jobId, userId) {
      const expiresAt = String(now() + LIFETIME_MS)
      return `${publicUrl}${PRIVACY_PREFIX}${jobId}/${expiresAt}.${signatureOf(jobId, userId, expiresAt)}`
    },
    read(path) {
      const [, jobId, expiresAt, signature] = PATH.exec(path) ?? []
      if (jobId === undefined || expiresAt === undefined || signature === undefined) return null
      return {
        jobId,
        // Compared as text: one signature has one spelling.
        isGoodFor: (userId) =>
          now() < Number(expiresAt) &&
          timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(jobId, userId, expiresAt))),
      }
    },
  }
}
