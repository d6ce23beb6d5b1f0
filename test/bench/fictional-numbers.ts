import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

const AREA_CODES = Array.from({ length: 789 }, (_, index) => 201 + index);
/** What Australia's ACMA keeps for fiction: 5550 xxxx and 7010 xxxx behind (02), (03), (07) and (08). */
const AUSTRALIAN = ['2', '3', '7', '8'].flatMap((area) => [`+61${area}5550`, `+61${area}7010`]);

/** Different numbers that nobody has: 555-0100 to 555-0199 of every area code there is, then Australia's. */
export function fictionalNumbers(count: number): string[] {
  const american = AREA_CODES.map((area) => `+1${area}55501`).filter((start) => {
    const number = parsePhoneNumberFromString(`${start}00`);
    // (900) costs whoever phones it: an import leaves it out.
    return number?.isValid() === true && number.getType() !== 'PREMIUM_RATE';
  });
  const all = [
    ...american.flatMap((start) => ending(start, 2)),
    ...AUSTRALIAN.flatMap((start) => ending(start, 4)),
  ];
  if (all.length < count) throw new Error(`only ${all.length} numbers are nobody's`);
  return all.slice(0, count);
}

const ending = (start: string, digits: number): string[] =>
  Array.from({ length: 10 ** digits }, (_, last) => start + String(last).padStart(digits, '0'));

/** A list of so many people, as somebody would bring it. */
export function fictionalList(rows: number): string {
  const people = fictionalNumbers(rows).map(
    (phone, index) =>
      `Person ${index},${phone},Syracuse,Company ${index % 500},"called, ${index} times"`,
  );
  return ['Name,Phone,City,Company,Remark', ...people].join('\n');
}
