/** Where a number is registered, as Twilio's geo fields tell it. Empty strings when unknown. */
export interface Place {
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  readonly country: string;
}

const NOWHERE_IN_US: Place = { city: '', state: '', zip: '', country: 'US' };
const UNKNOWN: Place = { city: '', state: '', zip: '', country: '' };

/** A few area codes with invented towns and zip codes: enough for addresses that look like addresses. */
const US_AREAS: Readonly<Record<string, readonly [city: string, state: string, zip: string]>> = {
  '202': ['WASHINGTON', 'DC', '20001'],
  '206': ['SEATTLE', 'WA', '98101'],
  '212': ['NEW YORK', 'NY', '10001'],
  '213': ['LOS ANGELES', 'CA', '90001'],
  '305': ['MIAMI', 'FL', '33101'],
  '312': ['CHICAGO', 'IL', '60601'],
  '315': ['WESTON', 'NY', '10001'],
  '404': ['ATLANTA', 'GA', '30301'],
  '415': ['SAN FRANCISCO', 'CA', '94101'],
  '512': ['AUSTIN', 'TX', '73301'],
  '602': ['PHOENIX', 'AZ', '85001'],
  '617': ['BOSTON', 'MA', '02101'],
  '702': ['LAS VEGAS', 'NV', '89101'],
  '713': ['HOUSTON', 'TX', '77001'],
  '720': ['DENVER', 'CO', '80201'],
};

const CANADIAN_AREAS = new Set([
  '204',
  '236',
  '250',
  '403',
  '416',
  '418',
  '437',
  '506',
  '514',
  '587',
  '604',
  '613',
  '647',
  '778',
  '902',
  '905',
]);
const TOLL_FREE = new Set(['800', '833', '844', '855', '866', '877', '888']);

/** Longest country calling code first. */
const COUNTRIES: readonly (readonly [prefix: string, country: string])[] = [
  ['266', 'LS'], ['353', 'IE'], ['351', 'PT'], ['358', 'FI'], ['971', 'AE'], ['972', 'IL'],
  ['20', 'EG'], ['27', 'ZA'], ['30', 'GR'], ['31', 'NL'], ['32', 'BE'], ['33', 'FR'], ['34', 'ES'], ['36', 'HU'], ['39', 'IT'],
  ['40', 'RO'], ['41', 'CH'], ['43', 'AT'], ['44', 'GB'], ['45', 'DK'], ['46', 'SE'], ['47', 'NO'], ['48', 'PL'], ['49', 'DE'],
  ['52', 'MX'], ['54', 'AR'], ['55', 'BR'], ['56', 'CL'], ['57', 'CO'], ['60', 'MY'], ['61', 'AU'], ['62', 'ID'], ['63', 'PH'],
  ['64', 'NZ'], ['65', 'SG'], ['66', 'TH'], ['81', 'JP'], ['82', 'KR'], ['84', 'VN'], ['86', 'CN'], ['90', 'TR'], ['91', 'IN'],
  ['7', 'RU'],
]; // prettier-ignore

/** The registered place of numbers: what callers taught it, else a guess by prefix. */
export class Places {
  readonly #known = new Map<string, Place | null>();

  /** Null for a number whose requests carry no geographic fields. */
  set(number: string, place: Place | null): void {
    this.#known.set(number, place);
  }

  of(number: string): Place | null {
    const known = this.#known.get(number);
    return known === undefined ? placeByPrefix(number) : known;
  }
}

function placeByPrefix(number: string): Place | null {
  if (number === '') return null;
  if (!number.startsWith('+')) return UNKNOWN;
  if (number.startsWith('+1') && number.length === 12) return northAmerican(number.slice(2, 5));
  const match = COUNTRIES.find(([prefix]) => number.startsWith(prefix, 1));
  return match ? { ...UNKNOWN, country: match[1] } : UNKNOWN;
}

function northAmerican(areaCode: string): Place {
  if (TOLL_FREE.has(areaCode)) return NOWHERE_IN_US;
  if (CANADIAN_AREAS.has(areaCode)) return { ...UNKNOWN, country: 'CA' };
  const area = US_AREAS[areaCode];
  return area ? { city: area[0], state: area[1], zip: area[2], country: 'US' } : NOWHERE_IN_US;
}
