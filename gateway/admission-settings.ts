import { z } from 'zod'
import { ADMISSION, type AdmissionOptions } from './admission.ts'

const connections = z.coerce.number().int().min(1).max(1_000_000)

/** How many connections may stay open: the part of a configuration. */
export const admissionSettings = {
  CONNECTIONS_PER_USER: connections.default(ADMISSION.perUser),
  CONNECTIONS_PER_ADDRESS: connections.default(ADMISSION.perAddress),
}

export function admissionOf(settings: {
  CONNECTIONS_PER_USER: number
  CONNECTIONS_PER_ADDRESS: number
}): AdmissionOptions {
  return { perUser: settings.CONNECTIONS_PER_USER, perAddress: settings.CONNECTIONS_PER_ADDRESS }
}
