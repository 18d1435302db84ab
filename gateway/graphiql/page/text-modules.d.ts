/** The bundler hands these files over as their text. */
declare module '*.graphql' {
  const text: string
  export default text
}

/** The bundler puts every style sheet into the page's own. */
declare module '*.css' {}

/** Written by the bundler: where the worker scripts are served. */
declare const WORKER_URLS: Record<'editor' | 'graphql' | 'json', string>
