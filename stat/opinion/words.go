package opinion

import (
	"fmt"
	"strconv"
)

// Words are what a picture, a table or a report says, in one language.
// English gives them in English; a catalogue gives them in another. Where
// they are missing, English stands in.
type Words struct {
	Lang string // BCP 47
	Dir  string // "ltr" or "rtl"

	Group       func(id int) string              // "Group A"
	People      func(n int) string               // "99 people"
	Share       func(share float64) string       // "82 %"
	Of          func(share string, n int) string // "82 % of 57"
	Title       func(groups, people int) string  // the finding in one sentence
	Description func(statements int) string      // how the picture is to be read
	AxisShare   func(axis int, share string) string

	Statements, Statement, Votes        string
	Agree, Disagree, Pass               string
	Groups, Size                        string
	SetsApart, AllAgree, AllDisagree    string
	GroupsAgree, GroupsDisagree         string
	CategoriesAgree, CategoriesDisagree string
	CategoriesDivided                   string
	Withheld, You, None, ModeratedOut   string
	Stability                           func(stability float64, resamples int) string
}

// English gives the words in English.
func English() Words {
	return Words{
		Lang: "en", Dir: "ltr",
		Group: func(id int) string { return "Group " + Letter(id) },
		People: func(n int) string {
			if n == 1 {
				return "1 person"
			}
			return strconv.Itoa(n) + " people"
		},
		Share: percent,
		Of:    func(share string, n int) string { return fmt.Sprintf("%s of %d", share, n) },
		Title: func(groups, people int) string {
			switch groups {
			case 0:
				return "No groups can be shown"
			case 1:
				return fmt.Sprintf("All %d stand in one group", people)
			}
			return fmt.Sprintf("%d people stand in %d groups of opinion", people, groups)
		},
		Description: func(statements int) string {
			return fmt.Sprintf("People who vote alike lie close together. The solid ellipse of a group holds half of its members, the dashed one nine in ten. "+
				"%d numbered squares are statements; each lies on the side of those who agree with it, and near the middle where all do. The same is given in the table.", statements)
		},
		AxisShare: func(axis int, share string) string {
			if axis == 0 {
				return "what divides most: " + share + " of the differences"
			}
			return "what divides next: " + share
		},
		Statements: "Statements", Statement: "Statement", Votes: "Votes",
		Agree: "Agree", Disagree: "Disagree", Pass: "Pass",
		Groups: "Groups", Size: "People",
		SetsApart: "Sets it apart", AllAgree: "The majority agrees", AllDisagree: "The majority disagrees",
		GroupsAgree: "All groups agree", GroupsDisagree: "All groups disagree",
		CategoriesAgree: "All categories agree", CategoriesDisagree: "All categories disagree",
		CategoriesDivided: "Categories are divided",
		Withheld:          "withheld", You: "You", None: "none", ModeratedOut: "left out by moderation",
		Stability: func(stability float64, resamples int) string {
			return fmt.Sprintf("stability %.2f over %d resamples (1 is always the same, 0 is chance)", stability, resamples)
		},
	}
}

// percent rounds, but never to all or nothing what is not.
func percent(share float64) string {
	switch {
	case share < 1 && share >= 0.995:
		return "> 99 %"
	case share > 0 && share < 0.005:
		return "< 1 %"
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// Letter names a group: A for 0, B for 1, AA for 26.
func Letter(id int) string {
	if id < 26 {
		return string(rune('A' + id))
	}
	return Letter(id/26-1) + Letter(id%26)
}
