package intervention

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// Mention is a place of a text that seems to name a country or area.
type Mention struct {
	// Paragraph is that of the text; Start and End are bytes of it.
	Paragraph, Start, End int
	// Code is an ISO 3166-1 alpha-2 code, Text the words as they stand.
	Code, Text string
	How        How
	Confidence Confidence
}

// How says by what a country is named.
type How string

// The ways to name a country.
const (
	ByName    How = "name"
	ByDemonym How = "demonym"
	ByCapital How = "capital"
)

// Confidence says how sure a mention is.
type Confidence string

// The confidences. Doubtful is what is often something else: a person, a river, a treaty, a meeting's place.
const (
	Sure     Confidence = "sure"
	Likely   Confidence = "likely"
	Doubtful Confidence = "doubtful"
)

//go:embed countries.txt
var countryTable string

// gazetteer is what texts are searched for: phrases of folded words for each way of writing, and Chinese names.
type gazetteer struct {
	phrases map[string]map[string][]phrase // language, first word
	stars   map[string][]phrase            // language: demonyms of which the last word may go on, by its first three letters
	han     []hanName                      // longest first
}

type phrase struct {
	words []string
	code  string
	how   How
	conf  Confidence
	star  bool
}

type hanName struct {
	name, code string
	how        How
	conf       Confidence
}

var gazette = sync.OnceValue(readGazette)

const (
	latinEnglish = "en"
	latinFrench  = "fr"
	latinSpanish = "es"
	russian      = "ru"
	arabic       = "ar"
	chinese      = "zh"
)

// regions lists the codes of all countries and areas.
func regions() (codes []string) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if r, err := language.ParseRegion(code); err == nil && r.IsCountry() && r.Canonicalize() == r && code != "AC" && code != "TA" && code != "DG" && code != "EA" && code != "IC" && code != "CP" && code != "ZZ" {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

func readGazette() *gazetteer {
	g := &gazetteer{phrases: map[string]map[string][]phrase{}, stars: map[string][]phrase{}}
	for _, lang := range []string{latinEnglish, latinFrench, latinSpanish, russian, arabic, chinese} {
		g.phrases[lang] = map[string][]phrase{}
		names := display.Regions(language.MustParse(lang))
		for _, code := range regions() {
			r := language.MustParseRegion(code)
			if name := names.Name(r); name != "" {
				for _, form := range spellings(lang, name) {
					g.add(lang, form, code, ByName, Sure)
				}
			}
		}
	}
	for line := range strings.Lines(countryTable) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimRight(line, "\n"), "|")
		if len(f) < 8 {
			continue
		}
		code := f[0]
		each := func(field string, fn func(string)) {
			for one := range strings.SplitSeq(field, ",") {
				if one != "" {
					fn(one)
				}
			}
		}
		for _, lang := range []string{latinEnglish, latinFrench, latinSpanish} {
			each(f[1], func(s string) { g.add(lang, s, code, ByDemonym, Likely) })
			each(f[2], func(s string) { g.add(lang, s, code, ByCapital, Doubtful) })
			each(f[7], func(s string) { g.add(lang, s, code, ByName, Sure) })
		}
		each(f[3], func(s string) { g.add(russian, s+"*", code, ByDemonym, Likely) })
		each(f[4], func(s string) { g.add(russian, s, code, ByCapital, Doubtful) })
		each(f[5], func(s string) { g.add(arabic, s, code, ByCapital, Doubtful) })
		each(f[6], func(s string) { g.add(chinese, s, code, ByCapital, Doubtful) })
	}
	for _, e := range extraNames {
		g.add(e.lang, e.name, e.code, ByName, Sure)
	}
	slices.SortStableFunc(g.han, func(a, b hanName) int { return len(b.name) - len(a.name) })
	return g
}

// extraNames are names in use that CLDR does not have.
var extraNames = []struct{ lang, name, code string }{
	{russian, "Российская Федерация", "RU"}, {russian, "Соединённые Штаты", "US"}, {russian, "США", "US"}, {russian, "Соединённое Королевство", "GB"},
	{russian, "Белоруссия", "BY"}, {russian, "Киргизия", "KG"}, {russian, "Молдавия", "MD"}, {russian, "Демократическая Республика Конго", "CD"},
	{russian, "Конго", "CG"}, {russian, "Бирма", "MM"}, {russian, "Англия", "GB"}, {russian, "КНДР", "KP"}, {russian, "Корея", "KR"},
	{arabic, "سورية", "SY"}, {arabic, "الولايات المتحدة الأمريكية", "US"}, {arabic, "الولايات المتحدة", "US"}, {arabic, "المملكة المتحدة", "GB"}, {arabic, "بريطانيا", "GB"},
	{arabic, "جمهورية الكونغو الديمقراطية", "CD"}, {arabic, "الكونغو", "CG"}, {arabic, "الاتحاد الروسي", "RU"}, {arabic, "فلسطين", "PS"}, {arabic, "السعودية", "SA"},
	{arabic, "الإمارات", "AE"}, {arabic, "كوت ديفوار", "CI"}, {arabic, "ساحل العاج", "CI"}, {arabic, "تشاد", "TD"}, {arabic, "إيران", "IR"},
	{chinese, "刚果民主共和国", "CD"}, {chinese, "刚果（金）", "CD"}, {chinese, "刚果(金)", "CD"}, {chinese, "刚果", "CG"}, {chinese, "俄罗斯联邦", "RU"},
	{chinese, "联合王国", "GB"}, {chinese, "大不列颠", "GB"}, {chinese, "大韩民国", "KR"}, {chinese, "阿拉伯联合酋长国", "AE"}, {chinese, "阿联酋", "AE"}, {chinese, "中非共和国", "CF"},
	{chinese, "科特迪瓦", "CI"}, {chinese, "巴勒斯坦", "PS"}, {chinese, "摩尔多瓦", "MD"}, {chinese, "土耳其", "TR"},
	{latinEnglish, "Korea", "KR"}, {latinEnglish, "Macedonia", "MK"}, {latinEnglish, "Syrian Arab Republic", "SY"}, {latinEnglish, "Islamic Republic of Iran", "IR"},
	{latinEnglish, "United Kingdom", "GB"}, {latinEnglish, "Republic of the Congo", "CG"}, {latinEnglish, "New Guinea", "PG"}, {latinEnglish, "the Netherlands", "NL"},
	{latinFrench, "République du Congo", "CG"}, {latinFrench, "Macédoine", "MK"}, {latinFrench, "Moldova", "MD"}, {latinFrench, "Grande-Bretagne", "GB"},
	{latinFrench, "Royaume-Uni", "GB"}, {latinFrench, "Corée", "KR"}, {latinSpanish, "Reino Unido", "GB"}, {latinSpanish, "Corea", "KR"}, {latinSpanish, "Irán", "IR"},
	{latinSpanish, "Siria", "SY"}, {latinSpanish, "Túnez", "TN"}, {latinSpanish, "República del Congo", "CG"}, {latinSpanish, "Turquía", "TR"},
}

// spellings gives the forms of a CLDR name that people write: "Congo - Kinshasa", "Myanmar (Burma)", "Hong Kong SAR China".
func spellings(lang, name string) (forms []string) {
	switch {
	case strings.Contains(name, "Kinshasa"), strings.Contains(name, "Brazzaville"), strings.Contains(name, "Киншаса"), strings.Contains(name, "Браззавиль"),
		strings.Contains(name, "刚果"), strings.Contains(name, "الكونغو"):
		return []string{strings.NewReplacer(" - ", " ", "(", "", ")", "").Replace(name)} // the plain names are in the table
	}
	name, in, ok := strings.Cut(name, " (")
	if ok {
		forms = append(forms, strings.TrimSuffix(in, ")"))
	}
	if lang == chinese {
		name, _, _ = strings.Cut(name, "（")
		if rest, ok := strings.CutPrefix(name, "中国"); ok && rest != "" {
			name, _ = strings.CutSuffix(rest, "特别行政区")
		}
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, " SAR China"), ", China")
	forms = append(forms, name)
	if amp := strings.ReplaceAll(name, "&", map[string]string{latinEnglish: "and", latinFrench: "et"}[lang]); lang == latinEnglish || lang == latinFrench {
		forms = append(forms, amp)
	}
	if st, ok := strings.CutPrefix(name, "St. "); ok {
		forms = append(forms, "Saint "+st)
	}
	return forms
}

// add takes a name into the gazetteer. A star at its end lets the last word go on by up to three letters.
func (g *gazetteer) add(lang, name, code string, how How, conf Confidence) {
	if lang == chinese {
		if utf8.RuneCountInString(name) >= 2 {
			g.han = append(g.han, hanName{name, code, how, conf})
		}
		return
	}
	name, star := strings.CutSuffix(name, "*")
	var words []string
	for _, t := range tokens(name) {
		w := fold(lang, t.text)
		if lang == arabic {
			w = strings.TrimPrefix(w, "ال")
		}
		words = append(words, w)
	}
	if len(words) == 0 || len(words) == 1 && utf8.RuneCountInString(words[0]) < 2 {
		return
	}
	p := phrase{words, code, how, conf, star}
	if star && len(words) == 1 {
		key := prefix3(lang, words[0])
		if !slices.ContainsFunc(g.stars[key], func(o phrase) bool { return o.words[0] == p.words[0] && o.code == code }) {
			g.stars[key] = append(g.stars[key], p)
		}
		return
	}
	key := words[0]
	if lang == russian && !star {
		key = prefix3(lang, words[0])
	}
	all := g.phrases[lang][key]
	if !slices.ContainsFunc(all, func(o phrase) bool {
		return slices.Equal(o.words, words) && (o.how == how || o.how == ByName && o.code != code)
	}) {
		g.phrases[lang][key] = append(all, p)
	}
}

func prefix3(lang, w string) string {
	r := []rune(w)
	return lang + ":" + string(r[:min(3, len(r))])
}

// token is a word of a text.
type token struct {
	text       string
	start, end int
}

// tokens takes a text into words: runs of letters, marks and digits.
func tokens(s string) (all []token) {
	start := -1
	for i, r := range s {
		if word := isLetter(r) || unicode.IsDigit(r); word && start < 0 {
			start = i
		} else if !word && start >= 0 {
			all = append(all, token{s[start:i], start, i})
			start = -1
		}
	}
	if start >= 0 {
		all = append(all, token{s[start:], start, len(s)})
	}
	return all
}

// fold writes a word as it is compared: small letters without accents; of Arabic, without vowels and with one alif.
func fold(lang, s string) string {
	if lang == arabic {
		return strings.Map(func(r rune) rune {
			switch {
			case unicode.Is(unicode.Mn, r) || r == 'ـ':
				return -1
			case strings.ContainsRune("أإآٱ", r):
				return 'ا'
			case r == 'ة':
				return 'ه'
			case r == 'ى':
				return 'ي'
			}
			return r
		}, s)
	}
	s = strings.ToLower(s)
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			if lang == russian {
				return strings.ReplaceAll(s, "ё", "е")
			}
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, norm.NFD.String(s))
		}
	}
	return s
}

// Mentions finds where a text seems to name a country or area: by name, by what its people are called, or by its
// capital, in the six languages of the United Nations. lang, a BCP 47 tag, tells the languages in Latin letters apart;
// another than English, French and Spanish is searched for all three. What it finds is for a person to look at: it
// knows neither pronouns nor nicknames.
func Mentions(text, lang string) []Mention {
	g := gazette()
	var all []Mention
	words := tokens(text)
	for i := 0; i < len(words); {
		best, n := Mention{}, 0
		for _, l := range languagesOf(words[i].text, lang) {
			if m, used := g.at(l, text, words, i); used > n || used == n && used > 0 && m.How == ByName && best.How != ByName {
				best, n = m, used
			}
		}
		if n == 0 {
			i++
			continue
		}
		if best.Code != "" {
			all = append(all, best)
		}
		i += n
	}
	all = append(all, g.inHan(text)...)
	slices.SortFunc(all, func(a, b Mention) int { return a.Start - b.Start })
	return all
}

// languagesOf tells in which tables a word is looked up, by its letters.
func languagesOf(word, lang string) []string {
	r, _ := utf8.DecodeRuneInString(word)
	switch {
	case unicode.Is(unicode.Cyrillic, r):
		return []string{russian}
	case unicode.Is(unicode.Arabic, r):
		return []string{arabic}
	case unicode.Is(unicode.Latin, r):
		base, _, _ := strings.Cut(lang, "-")
		if base == latinEnglish || base == latinFrench || base == latinSpanish {
			return []string{base}
		}
		return []string{latinEnglish, latinFrench, latinSpanish}
	}
	return nil
}

// at finds the longest phrase that begins with a word. A mention without a code is something that only looks like a
// country and takes its words with it.
func (g *gazetteer) at(lang, text string, words []token, i int) (best Mention, used int) {
	take := func(p phrase, n int, conf Confidence) {
		if n > used || n == used && p.how == ByName && best.How != ByName {
			used = n
			best = Mention{Start: words[i].start, End: words[i+n-1].end, Code: p.code, How: p.how, Confidence: conf}
		}
	}
	for _, w := range variants(lang, words[i].text) {
		key := w.word
		if lang == russian {
			key = prefix3(lang, w.word)
		}
		for _, p := range g.phrases[lang][key] {
			if fits(lang, p, w.word, words[i:], text) && (lang == arabic || capital(words[i].text) || p.how == ByDemonym && lang != latinEnglish) {
				if w.people && (len(p.words) > 1 || p.how != ByName) {
					continue
				}
				if w.people {
					p.how = ByDemonym
				}
				take(p, len(p.words), weaker(p.conf, w.conf))
			}
		}
		for _, p := range g.stars[prefix3(lang, w.word)] {
			rest, ok := strings.CutPrefix(w.word, p.words[0])
			if !ok || utf8.RuneCountInString(rest) > 3 || lang == latinEnglish && !capital(words[i].text) {
				continue
			}
			if lang != russian && rest != "" && !latinEnding(rest) || len(p.words[0]) <= 4 && len(rest) > 2 {
				continue
			}
			take(p, 1, weaker(p.conf, w.conf))
		}
	}
	if used == 0 {
		return best, 0
	}
	best.Text = text[best.Start:best.End]
	return judge(lang, text, words, i, used, best), used
}

// latinEnding tells whether a demonym goes on as demonyms do in English, French and Spanish.
func latinEnding(s string) bool {
	switch s {
	case "s", "e", "es", "ne", "nes", "a", "o", "as", "os", "an", "ns", "ano", "ana", "no", "na", "i", "is", "en", "n", "to", "ta", "se":
		return true
	}
	return false
}

// variant is a word without what a language puts before it.
type variant struct {
	word   string
	conf   Confidence
	people bool // the word is the adjective of the variant
}

// variants gives the words that a word may be a form of.
func variants(lang, text string) []variant {
	w := fold(lang, text)
	if lang != arabic {
		return []variant{{w, Sure, false}}
	}
	all := []variant{{w, Sure, false}}
	add := func(s string, c Confidence) {
		if utf8.RuneCountInString(s) >= 3 {
			all = append(all, variant{s, c, false})
		}
	}
	for _, pre := range []string{"ال", "وال", "بال", "فال", "كال", "وبال", "لل", "ولل", "و", "ب", "ل", "ف", "ك", "ول", "وب"} {
		if s, ok := strings.CutPrefix(w, pre); ok {
			c := Sure
			if !strings.HasSuffix(pre, "ال") && !strings.HasSuffix(pre, "لل") {
				c = Likely // the letter may be the word's own
			}
			add(s, c)
		}
	}
	// The adjective of a country's name: its end gives way to the ending, as in ليبيا and ليبي.
	for _, v := range all {
		for _, end := range []string{"يون", "يين", "يات", "يه", "ي"} {
			if stem, ok := strings.CutSuffix(v.word, end); ok && utf8.RuneCountInString(stem) >= 3 {
				for _, first := range []string{"", "ا", "ه", "يا", "يه"} {
					all = append(all, variant{stem + first, Likely, true})
				}
				break
			}
		}
	}
	return all
}

// fits tells whether the words of a phrase stand here, in their order, with nothing but spaces, hyphens and
// apostrophes between.
func fits(lang string, p phrase, first string, words []token, text string) bool {
	if len(words) < len(p.words) {
		return false
	}
	for k, want := range p.words {
		got := first
		if k > 0 {
			if gap := text[words[k-1].end:words[k].start]; strings.Trim(gap, " -’'‑–.\u00a0") != "" || len(gap) > 6 {
				return false
			}
			if got = fold(lang, words[k].text); lang == arabic {
				got = strings.TrimPrefix(got, "ال")
			}
		}
		if got != want && !(lang == russian && inflected(want, got)) {
			return false
		}
	}
	return true
}

func capital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

func weaker(a, b Confidence) Confidence {
	rank := func(c Confidence) int { return slices.Index([]Confidence{Sure, Likely, Doubtful}, c) }
	if rank(a) > rank(b) {
		return a
	}
	return b
}

// russianEndings are the endings of a noun's or an adjective's cases, by the ending of its first form.
var russianEndings = []struct {
	first string
	cases []string
}{
	{"ия", []string{"ия", "ии", "ию", "ией", "иею"}},
	{"ая", []string{"ая", "ой", "ую", "ою"}}, {"яя", []string{"яя", "ей", "юю"}},
	{"ое", []string{"ое", "ого", "ому", "ым", "ом"}}, {"ые", []string{"ые", "ых", "ым", "ыми"}}, {"ие", []string{"ие", "их", "им", "ими"}},
	{"ий", []string{"ий", "ого", "ому", "им", "ом"}}, {"ый", []string{"ый", "ого", "ому", "ым", "ом"}},
	{"ы", []string{"ы", "", "ов", "ам", "ами", "ах"}}, {"а", []string{"а", "ы", "и", "е", "у", "ой", "ою", "ей"}},
	{"я", []string{"я", "и", "е", "ю", "ей"}}, {"ь", []string{"ь", "я", "ю", "ем", "е", "и", "ью"}}, {"й", []string{"й", "я", "ю", "ем", "е"}},
	{"о", []string{"о", "а", "у", "ом", "е"}},
}

// inflected tells whether a Russian word is a case of another.
func inflected(first, word string) bool {
	for _, e := range russianEndings {
		if stem, ok := strings.CutSuffix(first, e.first); ok && utf8.RuneCountInString(stem) >= 2 {
			rest, ok := strings.CutPrefix(word, stem)
			return ok && slices.Contains(e.cases, rest)
		}
	}
	rest, ok := strings.CutPrefix(word, first)
	return ok && utf8.RuneCountInString(first) >= 3 && slices.Contains([]string{"", "а", "у", "ом", "е"}, rest) && !strings.HasSuffix(first, "и") && !strings.HasSuffix(first, "у")
}

// notHan are Chinese words that begin or end as a country's name does.
var notHan = []string{"印度洋", "几内亚湾", "马里兰", "马里亚纳", "马里奥", "南非洲", "中非合作", "中非论坛", "东京湾", "维也纳公约", "巴黎协定", "巴黎原则", "日内瓦公约", "北京规则", "曼谷规则", "东京规则", "伊斯坦布尔议定书"}

// inHan finds Chinese names, which no spaces part.
func (g *gazetteer) inHan(text string) (all []Mention) {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return nil
	}
next:
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRuneInString(text[i:])
		for _, not := range notHan {
			if strings.HasPrefix(text[i:], not) {
				i += len(not)
				continue next
			}
		}
		for _, n := range g.han {
			if strings.HasPrefix(text[i:], n.name) {
				conf := n.conf
				if n.name == "刚果" || n.name == "苏丹" || n.name == "马里" {
					conf = Doubtful
				}
				all = append(all, Mention{Start: i, End: i + len(n.name), Code: n.code, Text: n.name, How: n.how, Confidence: conf})
				i += len(n.name)
				continue next
			}
		}
		i += size
	}
	return all
}
