import { integer, any, type ParameterTable, type Parameters } from './parameters.ts';

export const PAGING: ParameterTable = {
  PageSize: integer(1, 1000, 20_422),
  Page: integer(0, 1_000_000),
  PageToken: any,
};

const PAGE_SIZE_DEFAULT = 50;

/** One page of a list in Twilio's form: the list under its own key, the paging beside it. */
export function page(
  key: string,
  items: readonly unknown[],
  parameters: Parameters,
  path: string,
  query: URLSearchParams,
): Record<string, unknown> {
  const size = parameters.number('PageSize') ?? PAGE_SIZE_DEFAULT;
  const number = parameters.number('Page') ?? 0;
  const start = number * size;
  const shown = items.slice(start, start + size);
  const uriOf = (pageNumber: number): string => {
    const params = new URLSearchParams(query);
    params.set('PageSize', String(size));
    params.set('Page', String(pageNumber));
    return `${path}?${params.toString()}`;
  };
  return {
    [key]: shown,
    first_page_uri: uriOf(0),
    next_page_uri: start + size < items.length ? uriOf(number + 1) : null,
    previous_page_uri: number > 0 ? uriOf(number - 1) : null,
    page: number,
    page_size: size,
    start,
    end: shown.length === 0 ? start : start + shown.length - 1,
    uri: query.size > 0 ? `${path}?${query.toString()}` : path,
  };
}
