package linkage

import "math"

// addFeatures computes, per kind, the ways in which alike values may be brought
// together: the value itself, and coarser forms that survive an error in one part.
func (f *field) addFeatures() {
	f.addFeature("", true, func(v *value) uint32 {
		if f.kind == Date && !v.date.whole() {
			return 0
		}
		return hash32(string(f.letters(v)))
	})
	switch f.kind {
	case Name, Place:
		f.addFeature("sound", false, func(v *value) uint32 { return v.skeleton })
		f.addFeature("beginning", false, func(v *value) uint32 { return f.part(v, 0, 3, 4) })
		f.addFeature("end", false, func(v *value) uint32 { return f.part(v, -3, 0, 5) })
	case Date:
		part := func(name string, of func(d date) (int, int, int)) {
			f.addFeature(name, false, func(v *value) uint32 {
				a, b, c := of(v.date)
				if a == 0 && b == 0 && c == 0 {
					return 0
				}
				return max(uint32(mix64(uint64(a)<<32|uint64(b)<<16|uint64(c)|1<<60)>>32), 1)
			})
		}
		part("year and month", func(d date) (int, int, int) {
			if d.month == 0 {
				return 0, 0, 0
			}
			return int(d.year), int(d.month), 0
		})
		part("day and month", func(d date) (int, int, int) {
			if d.month == 0 || d.day == 0 {
				return 0, 0, 0
			}
			// In either order, so that an exchange of the two does not matter.
			return 0, int(min(d.month, d.day)), int(max(d.month, d.day))
		})
		part("year and day", func(d date) (int, int, int) {
			if d.day == 0 {
				return 0, 0, 0
			}
			return int(d.year), 0, int(d.day)
		})
		part("year", func(d date) (int, int, int) { return int(d.year), 0, 0 })
	case Code:
		f.addFeature("first half", false, func(v *value) uint32 { return f.part(v, 0, int(v.size)/2, 6) })
		f.addFeature("second half", false, func(v *value) uint32 { return f.part(v, int(v.size)/2, int(v.size), 6) })
	case Number:
		f.addFeature("size", false, func(v *value) uint32 {
			x := math.Abs(v.number)
			return max(uint32(mix64(uint64(int64(math.Round(math.Log1p(x)*8))))>>32), 1)
		})
	case Text:
		f.addFeature("sound", false, func(v *value) uint32 { return v.skeleton })
		f.addFeature("longest word", false, func(v *value) uint32 { return f.longWord(v, 0) })
		f.addFeature("second word", false, func(v *value) uint32 { return f.longWord(v, 1) })
		f.addFeature("beginning", false, func(v *value) uint32 { return f.part(v, 0, 4, 5) })
	}
}

func (f *field) addFeature(name string, whole bool, of func(v *value) uint32) {
	full := f.name
	if name != "" {
		full += " (" + name + ")"
	}
	x := feature{name: full, whole: whole, of: make([]uint32, len(f.values))}
	for n := 1; n < len(f.values); n++ {
		if f.count[n] > 0 {
			x.of[n] = of(&f.values[n])
		}
	}
	f.features = append(f.features, x)
}

// part hashes letters from to to of a value with at least atLeast bytes; a
// negative from counts from the end, to 0 then means the end.
func (f *field) part(v *value, from, to, atLeast int) uint32 {
	letters := f.letters(v)
	if len(letters) < atLeast {
		return 0
	}
	if from < 0 {
		from += len(letters)
		to = len(letters)
	}
	return hash32(string(letters[from:to]))
}

// longWord hashes the longest word (rank 0) or the one after it; ties go to the
// word that is first in the alphabet. Long words are the rare ones, and unlike
// rarity their length does not change when records are added.
func (f *field) longWord(v *value, rank int) uint32 {
	words := f.wordsOf(v)
	if len(words) <= rank {
		return 0
	}
	best, second := "", ""
	better := func(a, b string) bool {
		return len(a) > len(b) || len(a) == len(b) && a < b
	}
	for _, w := range words {
		switch text := f.word[w]; {
		case better(text, best):
			best, second = text, best
		case better(text, second):
			second = text
		}
	}
	if rank == 0 {
		return hash32(best)
	}
	return hash32(second)
}
