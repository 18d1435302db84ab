import { z } from 'zod'
import type { Chapter } from '../models.ts'
import { childOf, listOf, secondsOf, textOf, type Xml } from './feed-values.ts'

const MOST_CHAPTERS = 1_000
const MOST_CHARACTERS = 300

/** Podlove Simple Chapters, as they stand in an item. */
export function readSimpleChapters(node: Xml): Chapter[] {
  return inOrder(
    listOf(childOf(node, 'psc:chapter')).flatMap((chapter) => {
      const start = secondsOf(textOf(20, childOf(chapter, '@start')))
      const title = textOf(MOST_CHARACTERS, childOf(chapter, '@title'))
      return start === null || title === null ? [] : [{ startMs: Math.round(start * 1_000), title }]
    }),
  )
}

const chaptersFile = z.object({
  chapters: z.array(
    z.object({
      startTime: z.number().min(0).max(86_400),
      title: z.string().optional(),
      toc: z.boolean().optional(),
    }),
  ),
})

/** Podcast Namespace chapters (JSON); null when the text is none. What is not for the table of contents is left out. */
export function readJsonChapters(text: string): Chapter[] | null {
  try {
    const { chapters } = chaptersFile.parse(JSON.parse(text))
    return inOrder(
      chapters.flatMap(({ startTime, title, toc = true }) => {
        const words = textOf(MOST_CHARACTERS, title)
        return toc && words !== null ? [{ startMs: Math.round(startTime * 1_000), title: words }] : []
      }),
    )
  } catch {
    return null
  }
}

/** Chapters by their time, one a time. */
function inOrder(chapters: readonly Chapter[]): Chapter[] {
  return chapters
    .toSorted((a, b) => a.startMs - b.startMs)
    .filter(({ startMs }, place, all) => startMs !== all[place - 1]?.startMs)
    .slice(0, MOST_CHAPTERS)
}
