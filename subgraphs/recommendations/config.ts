import { z } from 'zod'

const ms = z.coerce.number().int().min(0).max(3_600_000)

/** What an operator may tune: how old the model of the catalogue, and how old a chart, may be. */
export const recommendationsSettings = z.object({
  CADENZA_MODEL_REFRESH_MS: ms.default(1_000),
  CADENZA_CHART_REFRESH_MS: ms.default(250),
})

export type RecommendationsSettings = Readonly<z.infer<typeof recommendationsSettings>>
