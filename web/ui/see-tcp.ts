/** See TCP: whether the page shows what the gateway reads and writes. The URL keeps it across reloads. */

const PARAMETER = 'tcp';

/** A live binding: a render reads the current value. */
export let seesTcp = new URLSearchParams(location.search).has(PARAMETER);

/** Sets it in the URL too. The caller renders the page again. */
export function setSeesTcp(isOn: boolean): void {
  seesTcp = isOn;
  const url = new URL(location.href);
  if (isOn) url.searchParams.set(PARAMETER, '');
  else url.searchParams.delete(PARAMETER);
  history.replaceState(history.state, '', url.href.replace(/(?<=[?&]tcp)=(?=&|#|$)/, ''));
}
