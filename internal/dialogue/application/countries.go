package application

import (
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"rostrum.example/internal/locale"
)

// countryCodes are the codes of ISO 3166-1 alpha-2.
const countryCodes = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// wideRegions are the world and its continents, regionCodes the subregions that pages sort countries by (UN M49).
const (
	wideRegions = "001 002 019 142 150 009"
	regionCodes = "015 011 017 014 018 021 013 029 005 143 030 035 034 145 151 154 039 155 053 054 057 061"
)

// languageCodes are the languages that pages offer: the official ones of the United Nations first, then others in which
// people who migrate and those who work with them are at home.
const (
	officialLanguages = "ar en es fr ru zh"
	otherLanguages    = "af am az be bg bn bs ca ckb cs cy da de dv dz el et eu fa ff fi fil ga gu ha he hi hr ht hu hy id ig is it ja ka kk km kn ko ku ky ln lo lt lv " +
		"mg mi mk ml mn mr ms mt my nb ne nl om pa pl ps pt qu rn ro rw sd si sk sl sm sn so sq sr sv sw ta te tg th ti tk tn to tr ug uk ur uz vi wo xh yo zu"
)

func in(list, code string) bool {
	return slices.Contains(strings.Fields(list), code)
}

func isCountry(code string) bool { return len(code) == 2 && in(countryCodes, code) }
func isRegion(code string) bool {
	return len(code) == 3 && (in(wideRegions, code) || in(regionCodes, code))
}
func isLanguage(code string) bool { return in(officialLanguages, code) || in(otherLanguages, code) }

// option is something to choose by its code, with its name in the reader's language.
type option struct{ Code, Name string }

// atlas names countries, regions and languages in one language, sorted as that language sorts.
type atlas struct {
	lang      locale.Lang
	countries []option
	// regions are the subregions, each with its countries; the last, without a code, has what lies in none.
	regions []optionGroup
	wide    []option
	// official and other are languages.
	official, other []option
}

type optionGroup struct {
	option
	Members []option
}

func newAtlas(c *locale.Catalogues, lang locale.Lang) *atlas {
	a := &atlas{lang: lang}
	order := collate.New(language.MustParse(string(lang)))
	byName := func(x, y option) int { return order.CompareString(x.Name, y.Name) }
	named := func(list string) (all []option) {
		for _, code := range strings.Fields(list) {
			all = append(all, option{code, c.Country(lang, code)})
		}
		return all
	}
	a.countries, a.wide = named(countryCodes), named(wideRegions)
	slices.SortFunc(a.countries, byName)
	placed := map[string]bool{}
	for _, region := range named(regionCodes) {
		group := optionGroup{option: region}
		around := language.MustParseRegion(region.Code)
		for _, one := range a.countries {
			if around.Contains(language.MustParseRegion(one.Code)) {
				group.Members = append(group.Members, one)
				placed[one.Code] = true
			}
		}
		a.regions = append(a.regions, group)
	}
	rest := optionGroup{option: option{"", c.Text(lang, "application.countries.rest")}}
	for _, one := range a.countries {
		if !placed[one.Code] {
			rest.Members = append(rest.Members, one)
		}
	}
	a.regions = append(a.regions, rest)
	tongues := display.Languages(language.MustParse(string(lang)))
	for _, code := range strings.Fields(officialLanguages) {
		a.official = append(a.official, option{code, tongues.Name(language.MustParse(code))})
	}
	for _, code := range strings.Fields(otherLanguages) {
		if name := tongues.Name(language.MustParse(code)); name != "" {
			a.other = append(a.other, option{code, name})
		}
	}
	slices.SortFunc(a.official, byName)
	slices.SortFunc(a.other, byName)
	return a
}

// place names a country or region by its code.
func (room *Room) place(lang locale.Lang, code string) string {
	return room.o.Catalogues.Country(lang, code)
}

// tongue names a language by its code.
func tongue(lang locale.Lang, code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(language.MustParse(string(lang))).Name(tag); name != "" {
		return name
	}
	return code
}
