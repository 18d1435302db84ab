import { z } from 'zod'
import type { ArrivalsOptions } from './arrival.ts'
import { createProxies } from './client-address.ts'

/** Whose word is taken for where requests come from: the part of a configuration. */
export const arrivalSettings = {
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((network) => network.trim() || []))
    .superRefine((networks, context) => {
      try {
        createProxies(networks)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
      }
    }),
  COUNTRY_HEADER: z
    .string()
    .regex(/^[\w-]+$/, { error: 'must be the name of a header' })
    .toLowerCase()
    .optional(),
}

export function arrivalsOf(settings: {
  TRUSTED_PROXIES: readonly string[]
  COUNTRY_HEADER?: string | undefined
}): ArrivalsOptions {
  return { trustedProxies: settings.TRUSTED_PROXIES, countryHeader: settings.COUNTRY_HEADER ?? null }
}
