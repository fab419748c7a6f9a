package admission

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The reports are read by their structure, because their words are in the language of whoever downloaded them:
//
// Teams: https://learn.microsoft.com/microsoftteams/teams-analytics-and-reports/meeting-attendance-report and
// https://support.microsoft.com/office/manage-meeting-attendance-reports-in-microsoft-teams-ae7cf170-530c-47d3-84c1-3aedac74d310:
// sections "1. Summary", "2. Participants" (Name, First Join, Last Leave, In-Meeting Duration, Email, Participant ID (UPN),
// Role) and "3. In-Meeting Activities" (Name, Join Time, Leave Time, Duration, Email, Role), tabs between the cells, UTF-16.
//
// Zoom: https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0060614: if wished, two lines about the meeting;
// then Name (Original Name), User Email, Join Time, Leave Time, Duration (Minutes), Guest, Recording Consent, In Waiting
// Room, one row for each join; or one row for each person with the total duration alone.

// maxPeople bounds the rows of a report.
const maxPeople = 20_000

// ReadReport reads the rows of a report of attendance. near is the first day of the dialogue, in its zone: the reports
// give local times without a zone, and where a date can be read in two ways, the one nearer to it is meant. A report that
// cannot be read is an error for the field "file".
func ReadReport(rows [][]string, near time.Time) (*Report, error) {
	rows = tidy(rows)
	switch {
	case len(rows) == 0:
		return nil, invalid("file", "admission.report.empty")
	case len(rows) > maxPeople:
		return nil, invalid("file", "admission.report.long", "Max", maxPeople)
	}
	clock := readClock(rows, near)
	r, err := readSections(rows, clock)
	if r == nil && err == nil {
		r, err = readTable(rows, clock)
	}
	if err != nil {
		return nil, err
	}
	if len(r.People) == 0 {
		return nil, invalid("file", "admission.report.nobody")
	}
	r.frame()
	return r, nil
}

// tidy normalises cells and leaves out empty rows.
func tidy(rows [][]string) [][]string {
	var out [][]string
	for _, cells := range rows {
		var line []string
		for _, c := range cells {
			line = append(line, strings.Join(strings.Fields(strings.TrimPrefix(norm.NFC.String(c), "\ufeff")), " "))
		}
		if slices.ContainsFunc(line, func(c string) bool { return c != "" }) {
			out = append(out, line)
		}
	}
	return out
}

var sectionHead = regexp.MustCompile(`^([1-9])\. ?\p{L}`)

// readSections reads a report of Teams; nil where the rows are none.
func readSections(rows [][]string, clock clock) (*Report, error) {
	sections := map[int][][]string{}
	now := 0
	for _, cells := range rows {
		if m := sectionHead.FindStringSubmatch(cells[0]); m != nil && blank(cells[1:]) {
			now, _ = strconv.Atoi(m[1])
			continue
		}
		if now > 0 {
			sections[now] = append(sections[now], cells)
		}
	}
	if now == 0 {
		return nil, nil
	}
	if len(sections[2]) < 2 {
		return nil, invalid("file", "admission.report.nobody")
	}
	r := &Report{Tool: ToolTeams}
	if s := sections[1]; len(s) > 0 {
		r.Title = cell(s[0], 1)
	}
	var people presences
	// The third section has every single join, so that what overlaps can be counted once.
	if joins := sections[3]; len(joins) > 1 {
		l := layoutOf(joins[1:], clock)
		for _, cells := range joins[1:] {
			l.add(&people, cells, clock)
		}
	}
	l := layoutOf(sections[2][1:], clock)
	for _, cells := range sections[2][1:] {
		name, email := cell(cells, 0), emailIn(cells)
		if people.has(name, email) {
			continue
		}
		l.whole(&people, cells, clock)
	}
	r.People = people.list()
	return r, nil
}

// readTable reads a report of one table: Zoom's, or an older one of Teams.
func readTable(rows [][]string, clock clock) (*Report, error) {
	head := -1
	for i := range rows[:len(rows)-1] {
		if headLike(rows[i], clock) && !headLike(rows[i+1], clock) {
			head = i
		}
	}
	if head < 0 {
		return nil, invalid("file", "admission.report.unknown")
	}
	data := rows[head+1:]
	l := layoutOf(data, clock)
	switch {
	case l.from >= 0 && l.to < 0 && l.lasts < 0:
		// The list that the first Teams meetings gave while they ran: who came and went, without a pairing.
		return nil, invalid("file", "admission.report.actions")
	case l.from < 0 && (l.lasts < 0 || !slices.ContainsFunc(data, func(cells []string) bool { return emailIn(cells) != "" })),
		!slices.ContainsFunc(data, func(cells []string) bool { return strings.IndexFunc(cell(cells, 0), unicode.IsLetter) >= 0 }):
		// Numbers beside words are a table of something else, unless somebody has an address.
		return nil, invalid("file", "admission.report.unknown")
	}
	r := &Report{Tool: ToolZoom}
	if l.spoken {
		r.Tool = ToolTeams
	}
	if head >= 2 {
		for _, c := range rows[head-1] {
			if !clock.reads(c) && !strings.Contains(c, "@") && strings.IndexFunc(c, unicode.IsLetter) >= 0 {
				r.Title = c
				break
			}
		}
	}
	waits := slices.IndexFunc(rows[head], saysWaiting)
	var people presences
	for _, cells := range data {
		if waits >= 0 && saysYes(cell(cells, waits)) {
			r.Waited++
			continue
		}
		l.add(&people, cells, clock)
	}
	r.People = people.list()
	return r, nil
}

// headLike tells whether a row may name columns: several words, and neither times nor numbers nor addresses.
func headLike(cells []string, clock clock) bool {
	words := 0
	for _, c := range cells {
		_, number := strconv.Atoi(c)
		if c == "" {
			continue
		}
		if number == nil || clock.reads(c) || strings.Contains(c, "@") {
			return false
		}
		if _, ok := readDuration(c); ok {
			return false
		}
		words++
	}
	return words >= 2
}

// layout says in which columns the times stand; -1 where there are none. The name stands in the first.
type layout struct {
	from, to, lasts int
	// spoken: the duration is in words (1h 2m 3s), not in minutes.
	spoken bool
}

// layoutOf finds the columns by what stands in them.
func layoutOf(rows [][]string, clock clock) layout {
	l := layout{-1, -1, -1, false}
	width := 0
	for _, cells := range rows {
		width = max(width, len(cells))
	}
	for at := 1; at < width; at++ {
		instants, words, numbers, filled := 0, 0, 0, 0
		for _, cells := range rows {
			c := cell(cells, at)
			if c == "" {
				continue
			}
			filled++
			if _, ok := clock.read(c); ok {
				instants++
			} else if _, ok := readDuration(c); ok {
				words++
			} else if n, err := strconv.Atoi(c); err == nil && n >= 0 {
				numbers++
			}
		}
		switch {
		case filled == 0:
		case instants*2 > filled && l.from < 0:
			l.from = at
		case instants*2 > filled && l.to < 0:
			l.to = at
		case l.lasts < 0 && words*2 > filled:
			l.lasts, l.spoken = at, true
		case l.lasts < 0 && numbers*2 > filled:
			l.lasts = at
		}
	}
	return l
}

// duration reads the duration of a row.
func (l layout) duration(cells []string) time.Duration {
	c := cell(cells, l.lasts)
	if l.spoken {
		d, _ := readDuration(c)
		return d
	}
	n, err := strconv.Atoi(c)
	if err != nil || n < 0 || n > maxMinutes {
		return 0
	}
	return time.Duration(n) * time.Minute
}

// maxMinutes bounds a duration: a meeting that lasts longer than a week is a slip of the file.
const maxMinutes = 7 * 24 * 60

// add takes one join.
func (l layout) add(people *presences, cells []string, clock clock) {
	name, email := cell(cells, 0), emailIn(cells)
	if name == "" && email == "" {
		return
	}
	from, ok1 := clock.read(cell(cells, l.from))
	to, ok2 := clock.read(cell(cells, l.to))
	if ok1 && ok2 && to.After(from) && to.Sub(from) <= maxMinutes*time.Minute {
		people.add(name, email, Span{from, to}, 0)
		return
	}
	l.whole(people, cells, clock)
}

// whole takes a row that sums up several joins: its duration counts from the first of them, so that a second report of
// the same meeting does not count it again.
func (l layout) whole(people *presences, cells []string, clock clock) {
	name, email := cell(cells, 0), emailIn(cells)
	if name == "" && email == "" {
		return
	}
	lasts := l.duration(cells)
	from, ok := clock.read(cell(cells, l.from))
	if to, closed := clock.read(cell(cells, l.to)); ok && closed && lasts == 0 && to.Sub(from) <= maxMinutes*time.Minute {
		lasts = to.Sub(from)
	}
	if ok && lasts > 0 {
		people.add(name, email, Span{from, from.Add(lasts)}, 0)
		return
	}
	people.add(name, email, Span{}, lasts)
}

func (all *presences) has(name, email string) bool {
	if email != "" {
		return all.byKey["@"+strings.ToLower(email)] != nil
	}
	return all.byKey[foldName(plainName(name))] != nil
}

func cell(cells []string, at int) string {
	if at < 0 || at >= len(cells) {
		return ""
	}
	return cells[at]
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return c != "" })
}

// emailIn is the first address of a row behind the name.
func emailIn(cells []string) string {
	for i, c := range cells {
		if local, domain, ok := strings.Cut(c, "@"); i > 0 && ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(c, " <>") && !strings.Contains(domain, "@") {
			return c
		}
	}
	return ""
}

// saysWaiting tells whether a column's name speaks of the waiting room.
func saysWaiting(head string) bool {
	head = strings.ToLower(head)
	return slices.ContainsFunc([]string{"waiting room", "salle d’attente", "salle d'attente", "sala de espera", "warteraum", "غرفة الانتظار", "зал ожидания", "зале ожидания", "等候室"},
		func(w string) bool { return strings.Contains(head, w) })
}

func saysYes(s string) bool {
	return slices.Contains([]string{"yes", "oui", "sí", "si", "ja", "sim", "نعم", "да", "是", "true"}, strings.ToLower(s))
}

var durationPart = regexp.MustCompile(`(\d{1,6})\s*([\p{L}\p{M}.]+)`)

// readDuration reads "1h 2m 3s", "1 Std. 2 Min. 3 s", "1 godz. 2 min 3 sek." and the like.
func readDuration(s string) (time.Duration, bool) {
	s = digits(s)
	parts := durationPart.FindAllStringSubmatch(s, -1)
	if len(parts) == 0 || len(parts) > 4 || strings.TrimSpace(durationPart.ReplaceAllString(s, "")) != "" {
		return 0, false
	}
	var total time.Duration
	last := 100 * time.Hour
	for _, p := range parts {
		unit := unitOf(strings.ToLower(p[2]))
		n, err := strconv.Atoi(p[1])
		if err != nil || unit == 0 || unit >= last {
			return 0, false
		}
		total += time.Duration(n) * unit
		last = unit
	}
	return total, total <= maxMinutes*time.Minute
}

// unitOf knows a unit of time by how its words begin.
func unitOf(word string) time.Duration {
	for _, u := range []struct {
		unit   time.Duration
		starts []string
	}{
		{time.Minute, []string{"m", "м", "دق", "د", "分", "λ"}},
		{time.Second, []string{"s", "с", "ث", "秒", "δ"}},
		{24 * time.Hour, []string{"d", "j", "д"}},
		{time.Hour, []string{"h", "std", "godz", "ч", "г", "ساع", "س", "小时", "時間", "ώ", "or", "u", "t"}},
	} {
		for _, start := range u.starts {
			if strings.HasPrefix(word, start) && !(u.unit == time.Second && (strings.HasPrefix(word, "std") || strings.HasPrefix(word, "stund") || strings.HasPrefix(word, "saat"))) {
				return u.unit
			}
		}
	}
	if strings.HasPrefix(word, "stund") || strings.HasPrefix(word, "saat") {
		return time.Hour
	}
	return 0
}

// digits writes the digits of any script as 0 to 9, and drops marks of direction.
func digits(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '٠' && c <= '٩':
			return '0' + c - '٠'
		case c >= '۰' && c <= '۹':
			return '0' + c - '۰'
		case c == '\u200e' || c == '\u200f' || c == '\u061c':
			return -1
		case c == '\u202f' || c == '\u00a0':
			return ' '
		}
		return c
	}, s)
}

// clock reads the instants of one report.
type clock struct {
	monthFirst bool
	zone       *time.Location
}

var instantForm = regexp.MustCompile(`^(\d{1,4})([./-])\s?(\d{1,2})[./-]\s?(\d{1,4})(?:[ ,،T]+|\.)(\D{0,8}?)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?\s*(\D{0,12})$`)

// wordyForm is the form with an English month: "Jul 22, 2026 07:00:11 PM".
var wordyForm = regexp.MustCompile(`^([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}),? (\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))? ?([AaPp]\.?[Mm]\.?)?$`)

// readClock decides how the dates of a report are to be read: all must be dates, and of two readings the one is meant
// that is nearer to the dialogue.
func readClock(rows [][]string, near time.Time) clock {
	day := clock{false, near.Location()}
	month := clock{true, near.Location()}
	var nDay, nMonth int
	var dDay, dMonth time.Duration
	for _, cells := range rows {
		for _, c := range cells {
			a, ok1 := day.read(c)
			b, ok2 := month.read(c)
			if ok1 {
				nDay++
				dDay = max(dDay, a.Sub(near).Abs())
			}
			if ok2 {
				nMonth++
				dMonth = max(dMonth, b.Sub(near).Abs())
			}
		}
	}
	if nMonth > nDay || nMonth == nDay && dMonth < dDay {
		return month
	}
	return day
}

func (k clock) reads(s string) bool {
	_, ok := k.read(s)
	return ok
}

// read reads an instant.
func (k clock) read(s string) (time.Time, bool) {
	if len(s) < 8 || len(s) > 60 {
		return time.Time{}, false
	}
	s = strings.TrimSpace(digits(s))
	var year, month, dayOf int
	var hour, minute, second, half string
	if m := instantForm.FindStringSubmatch(s); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[3])
		c, _ := strconv.Atoi(m[4])
		switch {
		case len(m[1]) == 4:
			year, month, dayOf = a, b, c
		case len(m[1]) > 2 || len(m[4]) == 3 || len(m[4]) == 1:
			return time.Time{}, false
		case m[2] == "." || !k.monthFirst:
			dayOf, month, year = a, b, c
		default:
			month, dayOf, year = a, b, c
		}
		hour, minute, second, half = m[6], m[7], m[8], m[5]+m[9]
	} else if m := wordyForm.FindStringSubmatch(s); m != nil {
		t, err := time.Parse("Jan", m[1])
		if err != nil {
			return time.Time{}, false
		}
		month = int(t.Month())
		dayOf, _ = strconv.Atoi(m[2])
		year, _ = strconv.Atoi(m[3])
		hour, minute, second, half = m[4], m[5], m[6], m[7]
	} else {
		return time.Time{}, false
	}
	if year < 100 {
		year += 2000
	}
	h, _ := strconv.Atoi(hour)
	mi, _ := strconv.Atoi(minute)
	se, _ := strconv.Atoi(second)
	switch halfOf(half) {
	case 'a':
		if h < 1 || h > 12 {
			return time.Time{}, false
		}
		h %= 12
	case 'p':
		if h < 1 || h > 12 {
			return time.Time{}, false
		}
		h = h%12 + 12
	}
	t := time.Date(year, time.Month(month), dayOf, h, mi, se, 0, k.zone)
	if year < 2000 || year > 2099 || month < 1 || month > 12 || h > 23 || mi > 59 || se > 59 || t.Day() != dayOf && h < 23 {
		return time.Time{}, false
	}
	return t, true
}

// halfOf tells the half of the day: 'a' before noon, 'p' after it, 0 for a clock of 24 hours.
func halfOf(s string) byte {
	s = strings.ToLower(strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			return c
		}
		return -1
	}, s))
	switch s {
	case "am", "ص", "صباحا", "πμ", "上午", "午前", "오전":
		return 'a'
	case "pm", "م", "مساء", "μμ", "下午", "午後", "오후":
		return 'p'
	}
	return 0
}
