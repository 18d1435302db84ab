/** Micro-units as people write them, to the last digit: 1,234.567890. */
export function decimal(micros: bigint, separator = ''): string {
  const digits = String(micros < 0n ? -micros : micros).padStart(7, '0')
  const whole = digits.slice(0, -6).replace(/\B(?=(\d{3})+$)/g, separator)
  return `${micros < 0n ? '-' : ''}${whole}.${digits.slice(-6)}`
}
