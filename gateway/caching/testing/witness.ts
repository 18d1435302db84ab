import { PRODUCTS, wishesOf } from './market.ts'

const PRODUCT = 'id title maker { name }'

export const DOCUMENTS = {
  viewer: '{ viewer { id name } }',
  inbox: '{ inbox { text } }',
  pass: '{ pass { url expiresAt } }',
  refused: '{ refused }',
  products: `query ($first: Int) { products(first: $first) { ${PRODUCT} } }`,
  product: `query ($id: ID!) { product(id: $id) { ${PRODUCT} rating } }`,
  wishes: `{ wishes { ${PRODUCT} rating mine } }`,
  several: `query ($first: Int) { viewer { id name } products(first: $first) { ${PRODUCT} mine } inbox { text } }`,
  rename: 'mutation { viewer: rename { id name } }',
}
export type Kind = keyof typeof DOCUMENTS

interface Product {
  id: string
  title: string
  maker: { name: string }
  rating?: number
  mine?: string
}

interface Answer {
  data?: {
    viewer?: { id: string; name: string }
    inbox?: { text: string }[]
    pass?: { url: string; expiresAt: number }
    products?: Product[]
    product?: Product
    wishes?: Product[]
  } | null
  errors?: { message: string }[]
}

/** What a viewer knows when they ask: no answer may be older. */
export interface Question {
  kind: Kind
  first: number
  id: string
  at: number
  renames: number
  prints: ReadonlyMap<string, number>
}

/** One viewer, who knows what answers have to say. */
export interface Witness {
  name: string
  country: string
  ask(kind: Kind, first: number, id: string): Question
  /** Whether an answer holds something of another viewer or another country. */
  isForeign(text: string): boolean
  /** Whether it is the answer to the question, and as new as what the viewer knew. To be called for every answer. */
  isRight(question: Question, text: string): boolean
}

/** `prints` says how often each product has been changed by now. */
export function createWitness(name: string, country: string, prints: ReadonlyMap<string, number>): Witness {
  const renames = { begun: 0, done: 0 }

  const counts = (text: string | undefined, prefix: string, least: number, most: number): boolean => {
    const count = Number(text?.slice(prefix.length))
    return text?.startsWith(prefix) === true && count >= least && count <= most
  }

  function isAnswer(asked: Question, { data, errors = [] }: Answer): boolean {
    if (asked.kind === 'refused')
      return data?.viewer === undefined && errors[0]?.message === `${name} may not`
    if (errors.length > 0 || data == null) return false
    const { viewer, inbox, pass, products, product, wishes } = data
    const isPerson = (): boolean =>
      viewer?.id === name && counts(viewer.name, `${name} as `, asked.renames, renames.begun)
    const isInbox = (): boolean => counts(inbox?.[0]?.text, `to ${name} as `, asked.renames, renames.begun)
    const isProduct = (given: Product | undefined, id: string): boolean =>
      given?.id === id &&
      counts(given.title, `${id} in ${country} as `, asked.prints.get(id) ?? 0, prints.get(id) ?? 0) &&
      given.maker.name === `maker of ${id}` &&
      (given.rating ?? id.length) === id.length &&
      (given.mine ?? `${name} on ${id}`) === `${name} on ${id}`
    const areProducts = (given: Product[] | undefined, ids: readonly string[]): boolean =>
      given?.length === ids.length && ids.every((id, place) => isProduct(given[place], id))
    switch (asked.kind) {
      case 'viewer':
      case 'rename':
        return isPerson()
      case 'inbox':
        return isInbox()
      case 'pass':
        return pass?.url === `of ${name}` && pass.expiresAt >= asked.at
      case 'products':
        return areProducts(products, PRODUCTS.slice(0, asked.first))
      case 'product':
        return isProduct(product, asked.id)
      case 'wishes':
        return areProducts(wishes, wishesOf(name))
      case 'several':
        return isPerson() && isInbox() && areProducts(products, PRODUCTS.slice(0, asked.first))
    }
  }

  return {
    name,
    country,
    ask(kind, first, id) {
      if (kind === 'rename') renames.begun++
      return { kind, first, id, at: Date.now(), renames: renames.done, prints: new Map(prints) }
    },
    isForeign(text) {
      const named = text.match(/viewer-\d+|\bin [A-Z]{2}\b/g) ?? []
      return named.some((other) => other !== name && other !== `in ${country}`)
    },
    isRight(question, text) {
      const isRight = isAnswer(question, JSON.parse(text) as Answer)
      if (question.kind === 'rename') renames.done++
      return isRight
    },
  }
}
