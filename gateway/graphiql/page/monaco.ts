import type { editor } from 'monaco-editor'

/** How Monaco starts its workers: from our own files, never from a blob or another host. */
export function serveMonacoWorkers(): void {
  const workers: Record<string, string> = WORKER_URLS
  Object.assign(globalThis, {
    MonacoEnvironment: {
      getWorker: (_id: string, label: string) => new Worker(workers[label] ?? WORKER_URLS.editor),
    },
  })
}

export const editorTheme = { light: 'cadenza-light', dark: 'cadenza-dark' }

/** Options for every editor of the page: fonts that are on the computer already. */
export const editorOptions: editor.IEditorOptions = {
  fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSize: 13,
  lineHeight: 20,
  guides: { indentation: false },
  wordWrap: 'on',
  wrappingIndent: 'indent',
  occurrencesHighlight: 'off',
  scrollbar: { verticalScrollbarSize: 8, horizontalScrollbarSize: 8 },
}

// Brackets in one quiet colour at every depth.
const bracketLevels = [1, 2, 3, 4, 5, 6].map((depth) => `editorBracketHighlight.foreground${depth}`)

export const lightTheme = theme('vs', {
  ink: '263238',
  soft: '8a9491',
  keyword: '0b6e68',
  field: '263238',
  type: '8a5a00',
  text: '4c6b1f',
  number: 'a03c5a',
  variable: '6b4fa0',
  panel: 'fdfdfb',
  accent: '0b6e68',
})

export const darkTheme = theme('vs-dark', {
  ink: 'd7dfdd',
  soft: '77847f',
  keyword: '6fcfc3',
  field: 'd7dfdd',
  type: 'e5b96b',
  text: 'a9c77d',
  number: 'e58fa8',
  variable: 'b9a3ea',
  panel: '1b2123',
  accent: '6fcfc3',
})

type Palette = Record<
  'ink' | 'soft' | 'keyword' | 'field' | 'type' | 'text' | 'number' | 'variable' | 'panel' | 'accent',
  string
>

function theme(base: 'vs' | 'vs-dark', palette: Palette): editor.IStandaloneThemeData {
  const rule = (token: string, foreground: string) => ({ token, foreground })
  return {
    base,
    inherit: true,
    rules: [
      rule('', palette.ink),
      rule('comment', palette.soft),
      rule('keyword', palette.keyword),
      rule('key.identifier', palette.field),
      rule('type.identifier', palette.type),
      rule('argument.identifier', palette.variable),
      rule('string', palette.text),
      rule('string.key.json', palette.keyword),
      rule('string.value.json', palette.text),
      rule('number', palette.number),
      rule('keyword.json', palette.number),
    ],
    colors: {
      ...Object.fromEntries(bracketLevels.map((level) => [level, `#${palette.soft}`])),
      'editor.background': '#ffffff00',
      'editor.foreground': `#${palette.ink}`,
      'editorLineNumber.foreground': `#${palette.soft}99`,
      'editorLineNumber.activeForeground': `#${palette.ink}`,
      'editorWidget.background': `#${palette.panel}`,
      'editorHoverWidget.background': `#${palette.panel}`,
      'editorSuggestWidget.background': `#${palette.panel}`,
      'editorSuggestWidget.selectedBackground': `#${palette.accent}22`,
      'editorSuggestWidget.selectedForeground': `#${palette.ink}`,
      'editorSuggestWidget.highlightForeground': `#${palette.accent}`,
      'editorSuggestWidget.focusHighlightForeground': `#${palette.accent}`,
      'menu.background': `#${palette.panel}`,
      'menu.selectionBackground': `#${palette.accent}22`,
      'menu.selectionForeground': `#${palette.ink}`,
      'quickInput.background': `#${palette.panel}`,
      'quickInputList.focusBackground': `#${palette.accent}22`,
      'quickInputList.focusForeground': `#${palette.ink}`,
      'list.hoverBackground': `#${palette.accent}15`,
      'list.highlightForeground': `#${palette.accent}`,
      'textLink.foreground': `#${palette.accent}`,
      'editorLink.activeForeground': `#${palette.accent}`,
      'scrollbar.shadow': '#00000000',
      'scrollbarSlider.background': `#${palette.soft}33`,
      'scrollbarSlider.hoverBackground': `#${palette.soft}55`,
      'scrollbarSlider.activeBackground': `#${palette.soft}77`,
      focusBorder: `#${palette.accent}`,
    },
  }
}
