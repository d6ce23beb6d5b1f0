/**
 * A telephone number however it is written, or the SID of a call. Not just `555`: times and ids are digits and letters
 * too, and have that in them now and then.
 */
export const NUMBER_OR_SID =
  /\+1\d|(?<!\d)1?\W?[2-9]\d\d\W{0,2}555\W?01\d\d(?!\d)|\bCA[0-9a-f]{32}/;
