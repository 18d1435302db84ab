import { toConnection } from '#shared/connection.ts'
import { isCountry } from '#shared/countries.ts'
import { AppError } from '#shared/errors.ts'
import { chartCursorAt, readChartPage } from '../cursors.ts'
import type { TrackPage } from '../models.ts'
import type { Charts } from './charts.ts'
import type { CurrentModel } from './current-model.ts'

export interface Trending {
  /** A page of a country's chart, or the world's; BAD_USER_INPUT for a country there is not. */
  page(args: {
    country?: string | null | undefined
    first?: number | null | undefined
    after?: string | null | undefined
  }): Promise<TrackPage>
}

export function createTrending(current: CurrentModel, charts: Charts): Trending {
  return {
    async page({ country = null, ...args }) {
      const { first, position } = readChartPage(args)
      if (country !== null && !isCountry(country))
        throw new AppError('BAD_USER_INPUT', 'There is no country of this code')
      const entries = await charts.read(await current.get(), country, position, { count: first + 1 })
      return toConnection(entries, { first, after: position === null ? null : [] }, chartCursorAt)
    },
  }
}
