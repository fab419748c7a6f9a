package similar

import "slices"

// The stemmers are light: they take off what inflects a word, not what makes it another. For English after the S-stemmer
// of D. Harman, "How effective is suffixing?" (JASIS 42, 1991), with the endings -ed, -ing, -ion; for French, Spanish and
// Russian after the light stemmers of J. Savoy ("Light stemming approaches for the French, Portuguese, German and
// Hungarian languages", SAC 2006) and L. Dolamic and J. Savoy ("Indexing and searching strategies for the Russian
// language", JASIST 60, 2009); for Arabic after light10 of L. Larkey, L. Ballesteros and M. Connell ("Light stemming for
// Arabic information retrieval", 2007). They are simplified: one table for each language, written without accents.

// suffix is taken off, and to put in its place, where at least min letters stay.
type suffix struct {
	from, to string
	min      int
}

// table is applied in rounds; in each round the first suffix that fits is taken off.
type table [][]suffix

var suffixes = map[string]table{
	"en": {
		{{"sses", "ss", 2}, {"ies", "y", 2}, {"xes", "x", 2}, {"ches", "ch", 2}, {"shes", "sh", 2}, {"ss", "ss", 1}, {"us", "us", 1}, {"is", "is", 1}, {"s", "", 3}},
		{{"isation", "iz", 3}, {"ization", "iz", 3}, {"ising", "iz", 4}, {"izing", "iz", 3}, {"ised", "iz", 4}, {"ized", "iz", 3}, {"ise", "iz", 4}, {"ize", "iz", 3},
			{"ation", "at", 3}, {"tion", "t", 3}, {"sion", "s", 3}, {"ment", "", 4}, {"ness", "", 4}, {"edly", "", 4}, {"ly", "", 4},
			{"ing", "", 4}, {"ed", "", 3}, {"er", "", 4}, {"or", "", 4}, {"al", "", 5}, {"e", "", 3}},
		{{"bb", "b", 2}, {"dd", "d", 2}, {"gg", "g", 2}, {"mm", "m", 2}, {"nn", "n", 2}, {"pp", "p", 2}, {"rr", "r", 2}, {"tt", "t", 2}, {"y", "i", 3}, {"e", "", 4}},
	},
	"fr": {
		{{"eaux", "eau", 2}, {"aux", "al", 2}, {"x", "", 4}, {"s", "", 3}},
		{{"issement", "", 4}, {"ement", "", 4}, {"ation", "", 3}, {"ateur", "", 3}, {"atrice", "", 3}, {"ition", "", 4}, {"ion", "", 4}, {"ment", "", 4},
			{"euse", "", 4}, {"eur", "", 4}, {"ique", "", 4}, {"iste", "", 4}, {"ite", "", 4}, {"ive", "", 4}, {"if", "", 4}, {"elle", "el", 4},
			{"issent", "", 3}, {"aient", "", 3}, {"eront", "", 3}, {"erait", "", 3}, {"ent", "", 4}, {"ant", "", 4}, {"ait", "", 4}, {"ees", "", 3}, {"ee", "", 3}, {"er", "", 3}, {"ir", "", 3}, {"ez", "", 3}, {"e", "", 3}},
		{{"e", "", 3}, {"ll", "l", 3}, {"nn", "n", 3}, {"tt", "t", 3}},
	},
	"es": {
		{{"aciones", "acion", 3}, {"iones", "ion", 3}, {"ces", "z", 3}, {"res", "r", 3}, {"les", "l", 3}, {"nes", "n", 3}, {"des", "d", 3}, {"s", "", 3}},
		{{"amiento", "", 3}, {"imiento", "", 3}, {"acion", "", 3}, {"icion", "", 4}, {"adora", "", 3}, {"ador", "", 3}, {"ion", "", 4}, {"mente", "", 4}, {"idad", "", 4},
			{"iendo", "", 3}, {"ando", "", 3}, {"ieron", "", 3}, {"aron", "", 3}, {"aban", "", 3}, {"aba", "", 3}, {"ado", "", 3}, {"ada", "", 3}, {"ido", "", 3}, {"ida", "", 3},
			{"ante", "", 4}, {"ente", "", 4}, {"ivo", "", 4}, {"iva", "", 4}, {"ar", "", 3}, {"er", "", 3}, {"ir", "", 3}, {"an", "", 4}, {"en", "", 4}, {"a", "", 3}, {"o", "", 3}, {"e", "", 3}},
	},
	"ru": {
		{{"ся", "", 3}, {"сь", "", 3}},
		{{"иями", "", 3}, {"ями", "", 3}, {"ами", "", 3}, {"иях", "", 3}, {"иям", "", 3}, {"ием", "", 3}, {"ого", "", 3}, {"его", "", 3}, {"ому", "", 3}, {"ему", "", 3}, {"ыми", "", 3}, {"ими", "", 3},
			{"ают", "", 3}, {"яют", "", 3}, {"уют", "", 3}, {"ает", "", 3}, {"яет", "", 3}, {"ует", "", 3}, {"ать", "", 3}, {"ять", "", 3}, {"ить", "", 3}, {"еть", "", 3},
			{"ах", "", 3}, {"ях", "", 3}, {"ам", "", 3}, {"ям", "", 3}, {"ов", "", 3}, {"ев", "", 3}, {"ей", "", 3}, {"ой", "", 3}, {"ий", "", 3}, {"ый", "", 3}, {"ых", "", 3}, {"их", "", 3},
			{"ая", "", 3}, {"яя", "", 3}, {"ое", "", 3}, {"ее", "", 3}, {"ые", "", 3}, {"ие", "", 3}, {"ую", "", 3}, {"юю", "", 3}, {"ым", "", 3}, {"им", "", 3}, {"ом", "", 3}, {"ем", "", 3},
			{"ия", "", 3}, {"ии", "", 3}, {"ию", "", 3}, {"ью", "", 3}, {"ут", "", 3}, {"ют", "", 3}, {"ат", "", 3}, {"ят", "", 3}, {"ет", "", 3}, {"ит", "", 3},
			{"а", "", 3}, {"я", "", 3}, {"о", "", 3}, {"е", "", 3}, {"и", "", 3}, {"ы", "", 3}, {"у", "", 3}, {"ю", "", 3}, {"ь", "", 3}, {"й", "", 3}},
		{{"ость", "", 3}, {"ост", "", 3}, {"ени", "", 3}, {"ани", "", 3}, {"аци", "", 3}, {"нн", "н", 3}, {"ь", "", 3}},
	},
}

func (t table) stem(w []rune) []rune {
	for _, round := range t {
		for _, s := range round {
			if n := fits(w, s.from); n >= s.min {
				w = append(w[:n:n], []rune(s.to)...)
				break
			}
		}
	}
	return w
}

// fits gives how many letters stay without the suffix; -1 where the word does not end with it.
func fits(w []rune, from string) int {
	n := len(w)
	for i := len(from); i > 0; {
		size := 1
		for i-size > 0 && from[i-size]&0xc0 == 0x80 {
			size++
		}
		i -= size
		if n--; n < 0 || string(w[n]) != from[i:i+size] {
			return -1
		}
	}
	return n
}

// arabicLetter evens out what writers of Arabic spell either way; 0 stands for what is left out.
func arabicLetter(c rune) rune {
	switch {
	case c == 'أ' || c == 'إ' || c == 'آ' || c == 'ٱ':
		return 'ا'
	case c == 'ى' || c == 'ئ':
		return 'ي'
	case c == 'ؤ':
		return 'و'
	case c == 'ة':
		return 'ه'
	case c == 'ـ' || c >= 0x64b && c <= 0x65f || c == 0x670:
		return 0
	case c >= '٠' && c <= '٩':
		return '0' + c - '٠'
	case c >= '۰' && c <= '۹':
		return '0' + c - '۰'
	}
	return c
}

var (
	arabicPrefixes = []string{"وال", "بال", "كال", "فال", "ولل", "لل", "ال"}
	arabicSuffixes = []string{"ها", "ان", "ات", "ون", "ين", "يه", "هم", "ه", "ي"}
)

// stemArabic takes off the article with what is joined to it, a leading "and", and endings; at least two letters stay,
// after "and" three.
func stemArabic(w []rune) []rune {
	article := false
	for _, p := range arabicPrefixes {
		if r := []rune(p); len(w) >= len(r)+2 && slices.Equal(w[:len(r)], r) {
			w, article = w[len(r):], true
			break
		}
	}
	if !article && len(w) >= 4 && (w[0] == 'و' || w[0] == 'ف') {
		w = w[1:]
		for _, p := range arabicPrefixes {
			if r := []rune(p); len(w) >= len(r)+2 && slices.Equal(w[:len(r)], r) {
				w, article = w[len(r):], true
				break
			}
		}
	}
	if !article && len(w) >= 5 && (w[0] == 'ب' || w[0] == 'ل') {
		w = w[1:]
	}
	for range 2 {
		for _, s := range arabicSuffixes {
			if r := []rune(s); len(w) >= len(r)+2 && slices.Equal(w[len(w)-len(r):], r) {
				w = w[:len(w)-len(r)]
				break
			}
		}
	}
	return w
}

// hanStop are characters that are mostly grammar.
const hanStop = "的了是在和与及对为等其这那也都并或由于之以"

// stopWords are words that say nothing about the subject, without accents and in small letters.
var stopWords = map[string]string{
	"en": "the of and to in is are was were be been being for on with by at from as that this these those it its an or not no but if we our us they their them he she his her you your i my me which who whom what when where how why can could should would shall will may might must do does did has have had there here also than then so such into about more most other some any all each every both between through during before after over under up down out only own same too very",
	"fr": "le la les de des du un une et est sont ete etre en dans pour par sur avec sans sous au aux ce cet cette ces il elle ils elles nous vous leur leurs son sa ses notre nos votre vos que qui quoi dont ou mais ne pas plus ni si se comme tout toute tous toutes aussi entre vers chez donc car lors afin doit doivent peut peuvent ont avait fait ainsi autre autres meme on je tu mon ma mes ainsi",
	"es": "el la los las de del un una unos unas y e o u en es son ser sido fue fueron para por con sin sobre entre hasta desde al lo le les se su sus nuestro nuestra nuestros nuestras que quien quienes cual cuales como cuando donde pero si no ni mas muy ya tambien este esta estos estas ese esa eso aquel todo toda todos todas otro otra otros otras ha han hay debe deben puede pueden yo nosotros ellos ellas",
	"ru": "и в во на не что он она оно они с со как а то все так его но да к ко у же вы за бы по от из ее мне о об это этот эта эти для мы наш нам них их ему быть был была были есть или при до также который которая которые которых чтобы тот та те кто где когда если более только между под над может могут должны должен без через после перед",
	"ar": "في من علي الي عن مع هذا هذه ذلك تلك التي الذي الذين ان او ثم لا ما لم لن قد كان كانت يكون تكون هو هي هم نحن كل بين بعد قبل عند حتي اذا كما لكن غير ايضا حيث وفي ومن وعلي والي وان",
}
