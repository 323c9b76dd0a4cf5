import { css, html } from 'lit';
import type { Preferences } from '../client/preferences.ts';
import { emit } from '../ui/events.ts';

export const radioGroupStyles = css`
  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0 0 var(--space-2);
    color: var(--ink-soft);
    font-size: var(--text-small);
  }
  label {
    display: flex;
    flex: 1 1 auto;
    align-items: center;
    gap: var(--space-2);
    min-height: var(--touch);
    padding: 0 var(--space-3);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius);
    cursor: pointer;
    touch-action: manipulation;
  }
  label:has(:checked) {
    border-color: var(--accent);
    background: var(--mine);
  }
  label:has(:focus-visible) {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  fieldset:disabled label {
    border-style: dashed;
    color: var(--ink-soft);
    cursor: not-allowed;
  }
  input {
    flex: none;
    width: 1.125rem;
    height: 1.125rem;
    margin: 0;
    accent-color: var(--accent);
    outline: none;
  }
  p {
    margin: 0;
    color: var(--ink-soft);
    font-size: var(--text-small);
  }
`;

interface RadioGroup<Name extends keyof Preferences> {
  name: Name;
  label: string;
  values: readonly Preferences[Name][];
  labels: Record<Preferences[Name], string>;
  isDisabled?: boolean;
}

/** Draws a group of radio buttons. `element` emits `set-preferences` at each choice. */
export function renderRadioGroup<Name extends keyof Preferences>(
  element: HTMLElement,
  preferences: Preferences,
  { name, label, values, labels, isDisabled = false }: RadioGroup<Name>,
) {
  const renderValue = (value: Preferences[Name]) => html`
    <label>
      <input
        type="radio"
        name=${name}
        .checked=${preferences[name] === value}
        @change=${() => emit(element, 'set-preferences', { [name]: value })}
      />
      ${labels[value]}
    </label>
  `;
  return html`<fieldset ?disabled=${isDisabled}><legend>${label}</legend>${values.map(renderValue)}</fieldset>`;
}
