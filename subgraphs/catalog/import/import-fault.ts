/** Something that ends an import, said in one sentence to the one who started it. */
export class ImportFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ImportFault'
  }
}
