package admission

import "golang.org/x/text/language"

// The regions and sub-regions of the United Nations (Standard country or area codes for statistical use, M49,
// https://unstats.un.org/unsd/methodology/m49/). Which country belongs where comes from the CLDR, which follows M49; it
// differs for uninhabited territories, which M49 files with the region of the State that administers them.
var (
	regions    = []string{"002", "019", "142", "150", "009"}
	subregions = map[string][]string{
		"002": {"015", "014", "017", "018", "011"},
		"019": {"029", "013", "005", "021"},
		"142": {"143", "030", "035", "034", "145"},
		"150": {"151", "154", "039", "155"},
		"009": {"053", "054", "057", "061"},
	}
)

// within tells whether a country, by its ISO 3166-1 code, belongs to a region.
func within(country, region string) bool {
	c, err := language.ParseRegion(country)
	if err != nil || !c.IsCountry() {
		return false
	}
	r, err := language.ParseRegion(region)
	return err == nil && r.Contains(c)
}

// regionOf gives the region of a country, and the sub-region; empty where the country is not known.
func regionOf(country string) (region, subregion string) {
	if country == "" {
		return "", ""
	}
	for _, r := range regions {
		if !within(country, r) {
			continue
		}
		for _, s := range subregions[r] {
			if within(country, s) {
				return r, s
			}
		}
		return r, ""
	}
	return "", ""
}
