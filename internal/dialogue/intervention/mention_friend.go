package intervention

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// persons are names of countries that are given names and surnames too.
var persons = []string{"JO", "TD", "GE", "IL", "CU", "KE", "ML", "FR", "AD", "SN"}

// instruments follow the name of a city in the name of a treaty, a document or a process; they name no country.
var instruments = []string{
	"convention", "conventions", "agreement", "agreements", "principles", "declaration", "protocol", "protocols", "process", "rules", "programme", "consensus", "guidelines", "accord",
	"platform", "framework", "plan",
}

// instrumentsBefore stand before it in French, Spanish, Russian and Arabic.
var instrumentsBefore = []string{
	"convention", "accord", "accords", "principes", "declaration", "protocole", "processus", "regles", "programme", "convencion", "acuerdo", "principios", "declaracion", "protocolo",
	"proceso", "reglas", "программа", "конвенция", "протокол", "декларация", "принципы", "венская", "اتفاقيه", "اتفاق", "مبادئ", "اعلان", "بروتوكول", "قواعد", "برنامج",
}

// titles stand before a person's name.
var titles = []string{"mr", "mrs", "ms", "dr", "prof", "professor", "judge", "ambassador", "m", "mme", "monsieur", "madame", "señor", "señora", "sr", "sra", "michael", "sheikh"}

// judge knows the false friends: what has the letters of a country and is something else. A mention without a code is
// none; one that may be is doubtful.
func judge(lang, text string, words []token, i, n int, m Mention) Mention {
	before := func(k int) string {
		if i-k < 0 || strings.ContainsAny(text[words[i-k].end:words[i-k+1].start], ".;!?:") {
			return ""
		}
		return fold(lang, words[i-k].text)
	}
	after := func(k int) string {
		if i+n-1+k >= len(words) || strings.ContainsAny(text[words[i+n-2+k].end:words[i+n-1+k].start], ".,;!?:") {
			return ""
		}
		return fold(lang, words[i+n-1+k].text)
	}
	afterIs := func(any ...string) bool { return slices.Contains(any, after(1)) }
	begins := i == 0 || strings.ContainsAny(text[words[i-1].end:words[i].start], ".!?:;…")
	word := fold(lang, words[i].text)

	if m.How == ByCapital {
		if slices.Contains(instruments, after(1)) || slices.Contains(instruments, after(2)) && !capital(textOf(words, i+n)) ||
			slices.Contains(instrumentsBefore, before(1)) || slices.Contains(instrumentsBefore, before(2)) {
			m.Code = ""
		}
		return m
	}
	if m.How == ByName && n == 1 && slices.Contains(persons, m.Code) && lang != arabic && lang != russian {
		next := textOf(words, i+n)
		if slices.Contains(titles, before(1)) || after(1) != "" && capital(next) && !strings.Contains(text[words[i].end:words[i+1].start], "-") && !isName(lang, next) ||
			before(1) != "" && i > 0 && capital(words[i-1].text) && utf8.RuneCountInString(words[i-1].text) > 2 && !function[before(1)] {
			m.Confidence = Doubtful
		}
	}
	switch lang {
	case latinEnglish, latinFrench, latinSpanish:
		switch word {
		case "georgia":
			if strings.Contains(text, "Atlanta") || strings.Contains(text, "United States") || before(2) == "state" && before(1) == "of" || afterIs("state", "tech") || strings.Contains(text, "U.S. state") {
				m.Confidence = Doubtful
			}
		case "guinea", "guinee":
			if afterIs("pig", "pigs", "fowl", "worm", "current") {
				m.Code = ""
			} else if slices.Contains([]string{"gulf", "golfe", "golfo"}, before(2)) {
				m.Code = ""
			}
		case "niger":
			if afterIs("delta", "state", "river", "bridge") || slices.Contains([]string{"delta", "river", "fleuve", "rio", "du"}, before(1)) && slices.Contains([]string{"delta", "fleuve", "rio", "river", ""}, before(2)) && before(1) != "" {
				m.Confidence = Doubtful
			}
		case "congo":
			if n == 1 {
				m.Confidence = Doubtful // two States, a river and a basin
				if afterIs("basin", "river") || slices.Contains([]string{"bassin", "fleuve", "cuenca"}, before(2)) {
					m.Code = ""
				}
			}
		case "korea", "coree", "corea", "india", "inde", "indian", "indien", "china":
			if afterIs("ocean") || strings.HasPrefix(after(1), "ocean") || before(1) == "ocean" || before(1) == "oceano" {
				m.Code = ""
			} else if word[:3] == "kor" || word[:3] == "cor" {
				m.Confidence = Doubtful
			}
			if word == "china" && lang == latinSpanish && m.How == ByDemonym && !capital(words[i].text) {
				m.Confidence = Doubtful
			}
		case "turkey":
			if begins && afterIs("meat", "farm", "farms", "dinner") {
				m.Code = ""
			}
		case "english", "french", "spanish", "chinese", "russian", "portuguese", "german", "dutch", "polish":
			m.Confidence = Doubtful // oftener the language
		case "francais", "espagnol", "anglais", "chinois", "russe", "español", "espanol", "frances", "ruso", "chino":
			m.Confidence = Doubtful
		case "mali":
			if begins && lang == latinSpanish {
				m.Confidence = Doubtful
			}
		}
	case russian:
		switch {
		case word == "того" && begins, word == "чад" && begins, word == "конго", word == "корея", strings.HasPrefix(word, "русск"), strings.HasPrefix(word, "немецк") && m.How == ByDemonym:
			m.Confidence = Doubtful
		case m.Code == "KN" || m.Code == "AS" && n == 1:
			m.Confidence = Doubtful
		}
	case arabic:
		near := slices.Contains([]string{"في", "من", "الي", "دوله", "جمهوريه", "حكومه", "شمال", "جنوب", "وفي", "ومن", "عبر"}, before(1))
		bare := word
		switch {
		case bare == "مالي" || bare == "بنين" || bare == "قطر" || bare == "عمان" || bare == "جزر" || bare == "مصر":
			if !near && bare != "مصر" {
				m.Confidence = Doubtful
			}
			if bare == "عمان" {
				m.Confidence = Doubtful // Oman or Amman
			}
		case strings.HasSuffix(bare, "ماليه"), strings.HasSuffix(bare, "المالي"), strings.HasSuffix(bare, "ماليا"), strings.HasSuffix(bare, "ماليون"), strings.HasSuffix(bare, "ماليين"):
			m.Code = "" // the adjective "financial"
		case strings.HasSuffix(bare, "المغرب") && afterIs("العربي", "الكبير"), strings.HasSuffix(bare, "الهندي") && before(1) == "المحيط":
			m.Code = ""
		case bare == "الكونغو" || bare == "هند" || bare == "بيرو" || bare == "تركيه" || strings.HasSuffix(bare, "قطريه") || strings.HasSuffix(bare, "قطري") || strings.HasSuffix(bare, "القطريه"):
			m.Confidence = Doubtful // قُطري: "of a country"
		}
	}
	return m
}

// function are words before a country's name that are no part of somebody's name, though they may begin a sentence.
var function = map[string]bool{
	"in": true, "from": true, "to": true, "of": true, "the": true, "and": true, "for": true, "with": true, "both": true, "between": true, "while": true, "when": true, "if": true,
	"en": true, "au": true, "du": true, "de": true, "la": true, "le": true, "les": true, "et": true, "vers": true, "pour": true, "avec": true, "desde": true, "hacia": true,
	"el": true, "con": true, "por": true, "through": true, "via": true, "by": true, "since": true, "although": true, "as": true, "like": true, "lake": true, "at": true, "across": true,
	"eastern": true, "western": true, "northern": true, "southern": true, "central": true, "that": true, "but": true, "or": true, "y": true, "a": true, "des": true, "dans": true,
}

func textOf(words []token, i int) string {
	if i < 0 || i >= len(words) {
		return ""
	}
	return words[i].text
}

// isName tells whether a capitalised word is itself a country, as in a list without commas, or an institution.
func isName(lang, word string) bool {
	w := fold(lang, word)
	if slices.Contains([]string{"government", "authorities", "ministry", "police", "army", "parliament", "state", "republic", "valley"}, w) {
		return true
	}
	return slices.ContainsFunc(gazette().phrases[lang][w], func(p phrase) bool { return len(p.words) == 1 && p.how == ByName }) || !unicode.IsUpper([]rune(word + " ")[0])
}
