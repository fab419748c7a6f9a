package place

// The codes of all problems, in the order of the specification.
const (
	EmptyFile          Code = "empty_file"
	FileTooLarge       Code = "file_too_large"
	NotUTF8            Code = "not_utf8"
	BrokenJSON         Code = "broken_json"
	FileCutShort       Code = "file_cut_short"
	TextAfterEnd       Code = "text_after_end"
	TooDeep            Code = "too_deep"
	TooManyValues      Code = "too_many_values"
	DuplicateField     Code = "duplicate_field"
	ControlCharacter   Code = "control_character"
	DirectionCharacter Code = "direction_character"
	BrokenEscape       Code = "broken_escape"
	TooManyProblems    Code = "too_many_problems"

	UnknownField       Code = "unknown_field"
	MissingField       Code = "missing_field"
	WrongType          Code = "wrong_type"
	WrongFormat        Code = "wrong_format"
	NotAWholeNumber    Code = "not_a_whole_number"
	NumberOutOfRange   Code = "number_out_of_range"
	TextTooLong        Code = "text_too_long"
	BlankText          Code = "blank_text"
	ListTooLong        Code = "list_too_long"
	EmptyList          Code = "empty_list"
	NoSource           Code = "no_source"
	BadID              Code = "bad_id"
	BadDate            Code = "bad_date"
	DateOutOfRange     Code = "date_out_of_range"
	BadAddress         Code = "bad_address"
	BadLanguage        Code = "bad_language"
	UndeclaredLanguage Code = "undeclared_language"
	BadPeriod          Code = "bad_period"
	BadTimeZone        Code = "bad_time_zone"
	BadCountry         Code = "bad_country"
	BadReference       Code = "bad_reference"
	UnknownWord        Code = "unknown_word"
	UnknownID          Code = "unknown_id"
	DuplicateID        Code = "duplicate_id"

	UnreachableState Code = "unreachable_state"
	SealedAndShown   Code = "sealed_and_shown"

	OtherMechanism Code = "other_mechanism"
	NotQuotable    Code = "not_quotable"
	CountsDisagree Code = "counts_disagree"
	SumWrong       Code = "sum_wrong"
	SumMixed       Code = "sum_mixed"
	PartAfterTotal Code = "part_after_total"
	SecondFate     Code = "second_fate"
	BeforeDialogue Code = "before_dialogue"
	OwnDialogue    Code = "own_dialogue"

	DuplicateDialogue Code = "duplicate_dialogue"
	UnknownTarget     Code = "unknown_target"
	TargetNotEarlier  Code = "target_not_earlier"
	LinkCircle        Code = "link_circle"
	SourceDiffers     Code = "source_differs"
)

// saying is what a code says in English. {value} is what stands in the file;
// every other name in braces is an argument. hint replaces next where there
// is a suggestion.
type saying struct{ sentence, next, hint string }

var sentences = map[Code]saying{
	EmptyFile:          {"The file is empty.", "Choose the file that holds the record.", ""},
	FileTooLarge:       {"The file is larger than {limit} bytes.", "Split it, or take out what is not part of the record.", ""},
	NotUTF8:            {"The byte {byte} is not UTF-8.", "Save the file as UTF-8.", ""},
	BrokenJSON:         {"Here should be {expected}, and there is “{found}”.", "Correct this place; the rest of the file was not read.", ""},
	FileCutShort:       {"The file ends where {expected} should follow.", "Fetch or copy the whole file again.", ""},
	TextAfterEnd:       {"The record is complete, but “{found}” follows it.", "Keep one record in one file.", ""},
	TooDeep:            {"Values stand inside each other more than {limit} deep.", "Keep to the fields of the format.", ""},
	TooManyValues:      {"The file holds more than {limit} values.", "Split it, or take out what is not part of the record.", ""},
	DuplicateField:     {"The field “{field}” stands here twice; the first one is at {first}.", "Keep one of the two.", ""},
	ControlCharacter:   {"The text holds the invisible character {character}.", "Delete the character at this place.", ""},
	DirectionCharacter: {"The text holds {character}, which turns the direction of the text around it.", "Delete the character at this place; Arabic text needs none.", ""},
	BrokenEscape:       {"The escape {escape} is half of a character.", "Write the character itself.", ""},
	TooManyProblems:    {"{more} more problems are not listed.", "Correct the {listed} above and read the file again.", ""},

	UnknownField:       {"The format has no field “{field}” here.", "Its fields are: {allowed}.", "Did you mean “{suggestion}”?"},
	MissingField:       {"The field “{field}” is missing.", "Add “{field}”.", ""},
	WrongType:          {"Here is {got}, and it should be {want}.", "Write {want}.", ""},
	WrongFormat:        {"The file says it is “{value}”, and this program reads “{expected}”.", "Choose a file of that format.", ""},
	NotAWholeNumber:    {"{value} is not a whole number.", "Write digits only, without a point or an exponent.", ""},
	NumberOutOfRange:   {"The number {value} is outside {low} to {high}.", "Write a number in that range.", ""},
	TextTooLong:        {"The text has {length} characters; {limit} are the most.", "Shorten it.", ""},
	BlankText:          {"The text is empty.", "Write it, or leave out the field.", ""},
	ListTooLong:        {"The list has {length} items; {limit} are the most.", "Shorten it.", ""},
	EmptyList:          {"The list “{field}” is empty.", "Add at least one item.", ""},
	NoSource:           {"Nothing says where this comes from.", "Add “sources” with the id of at least one source.", ""},
	BadID:              {"“{value}” cannot be an id.", "Use lower-case letters a to z and digits, words joined by “{joint}”, 64 characters at most.", ""},
	BadDate:            {"“{value}” is not a date of the calendar.", "Write {expected}.", ""},
	DateOutOfRange:     {"The date {value} lies outside {low} to {high}.", "Correct the year.", ""},
	BadAddress:         {"“{value}” is not a web address.", "Write an address that begins with https:// or http:// and names a site.", ""},
	BadLanguage:        {"“{value}” is not a language tag.", "Write a tag such as “en”, “fr”, “ar” or “zh-hans”.", ""},
	UndeclaredLanguage: {"The language “{value}” is not among the languages of the file.", "Add it to “languages”, or take this text out.", ""},
	BadPeriod:          {"“{value}” is not a period.", "Write a period of years, months, weeks and days such as P14D or P6M.", ""},
	BadTimeZone:        {"“{value}” is not a time zone.", "Write a name of the IANA time-zone list such as “Europe/Vienna”.", ""},
	BadCountry:         {"“{value}” is not a country code.", "Write the two capital letters of ISO 3166-1.", ""},
	BadReference:       {"“{value}” does not name an item of a dialogue.", "Write the dialogue, a slash and the item, such as “som-2022/data-and-evidence”.", ""},
	UnknownWord:        {"“{value}” is not a word that can stand here.", "Choose one of: {allowed}.", "Did you mean “{suggestion}”? The words are: {allowed}."},
	UnknownID:          {"There is no {kind} with the id “{value}”.", "Add it, or use the id of one that exists.", "Did you mean “{suggestion}”?"},
	DuplicateID:        {"The id “{value}” is taken; it stands first at {first}.", "Give this one another id.", ""},

	UnreachableState: {"No state leads to “{value}”.", "Name it in “next” of a state before it, or take it out.", ""},
	SealedAndShown:   {"The field is sealed, and yet seen by “{value}”.", "Set “seen_by” to “secretariat”, or do not seal it.", ""},

	OtherMechanism: {"The dialogue belongs to the mechanism “{value}”, and it is read with “{expected}”.", "Read it with the preset of its own mechanism.", ""},
	NotQuotable:    {"The texts of a dialogue file are gists; they cannot be marked as quotable.", "Set “quotable” to false.", ""},
	CountsDisagree: {"The same source counts the same thing twice and differently: {figure} here, {other} at {first}.", "Correct one of them, or give it the kind, the subject or the scope that it really counts.", ""},
	SumWrong:       {"The total is {value}, and its parts add up to {sum}: {parts}.", "Correct the total or the part that is wrong.", ""},
	SumMixed:       {"The part “{value}” counts something of another kind or scope than its total.", "Add up only what is counted in the same way.", ""},
	PartAfterTotal: {"The part “{value}” does not stand before its total.", "List the parts first and the total after them.", ""},
	SecondFate:     {"There are two fates by “{value}”; the first one is at {first}.", "Keep one of the two, or put them together.", ""},
	BeforeDialogue: {"The date {value} lies before the dialogue itself, {date}.", "Correct one of the two dates.", ""},
	OwnDialogue:    {"The link points to an item of its own dialogue.", "Link to an item of an earlier dialogue.", ""},

	DuplicateDialogue: {"The dialogue “{value}” is in two files; the first one is {first}.", "Keep one of the two.", ""},
	UnknownTarget:     {"There is no item “{value}” in these files.", "Correct the reference, or add the file it points to.", "Did you mean “{suggestion}”?"},
	TargetNotEarlier:  {"The link points to “{value}” of {target_date}, and this dialogue is of {date}.", "Links go to an earlier dialogue: draw this one in the later file.", ""},
	LinkCircle:        {"The links run in a circle: {chain}.", "Take out the link that goes from an earlier to a later dialogue.", ""},
	SourceDiffers:     {"The source “{id}” has the address {value} here and {other} at {first}.", "Give both the same address, or one of them another id.", ""},
}

// words are the English of the stable words that arguments are made of.
var words = map[string]string{
	"null": "nothing (null)", "boolean": "true or false", "number": "a number",
	"string": "a text in quotation marks", "array": "a list in [ ]", "object": "a set of fields in { }",
	"text_or_object": "a text, or { } with “text” and “status”",
	"value":          "a value", "comma_or_brace": "a comma or a closing }", "comma_or_bracket": "a comma or a closing ]",
	"field_name": "a field name in quotation marks", "colon": "a colon", "digit": "a digit",
	"line_end": "end of the line",
	"quote":    "a closing quotation mark", "escape": `one of the escapes of JSON, such as \" or \u00e9`,
	"day": "a day such as 2022-07-01", "day_or_month": "a day such as 2022-07-01 or a month such as 2024-07",

	"source": "source", "count_kind": "count kind", "count_subject": "count subject", "count": "count", "item": "item",
	"need": "need", "working_group": "working group", "role": "role", "body": "body", "state": "state",
	"instrument": "instrument", "step": "step", "field": "field", "choice": "choice",
}
