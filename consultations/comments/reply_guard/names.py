"""Word lists for finding names in a reply. Data only; lower case, without accents."""


def word_set(lines: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(lines.split())


# Given names that are no other word when they begin a sentence, unlike "Will" or "Grace".
GIVEN_NAMES = word_set(
    """
    aaron abdul abigail adam adrian agnes ahmed aisha alan alejandro alex alexander alexandra
    alexis alfred ali alice alicia alison amanda amelia amina amy ana andrea andrew angela anita
    ann anna anne annie anthony antonio arthur ashley audrey ava barbara beatrice ben benjamin
    bernard beth betty beverly bob bobby bonnie brandon brenda brian bridget bruce bryan caitlin
    camila carl carla carlos carmen carol caroline catherine cathy cecilia charles charlie
    charlotte chloe chris christian christina christine christopher cindy claire clara claudia
    colin connor craig cynthia dan daniel daniela danielle dave david deborah debra denise
    dennis derek diana diane diego donald donna doris dorothy douglas dylan eddie edgar edith
    edward eileen elaine eleanor elena eli elias elijah elisabeth elizabeth ella ellen elsa
    emily emma eric erica erik erin ethan eugene eva evan evelyn fatima felix fernando fiona
    florence frances francis frederick gabriel gary gavin geoffrey george gerald gina giovanni
    gloria gordon greg gregory gwen hamza hannah harold harriet harry hassan heather heidi helen
    helena henry howard hugo ian ibrahim ines ingrid irene isaac isabel isabella ivan jacob
    jacqueline jake james jamie jan jane janet janice jason javier jean jeff jeffrey jennifer
    jenny jeremy jerry jesse jessica jill jim jimmy joan joanna joe joel johanna john johnny jon
    jonathan jordan jorge jose joseph joshua josie joyce juan judith judy julia julian julie
    juliet justin karen karl kate katherine kathleen kathryn kathy katie keith kelly ken kenneth
    kevin kim kimberly kyle lara larry laura lauren laurence lea leah leo leon leonard leslie
    lewis liam lina linda lisa liz logan lois lorraine louis louise lucas lucia lucy luis luke
    lydia lynn madison magdalena malcolm manuel marc marcus margaret maria marie marilyn mario
    marion marta martha martin mary mateo matt matthew maureen megan mehmet melanie melissa mia
    michael michele michelle miguel mike mikhail mohamed mohammed molly monica muhammad nadia
    naomi natalie natasha nathan neil nicholas nick nicola nicole nina noah noel nora norma
    oliver olivia omar oscar owen pablo pamela patricia patrick paul paula pedro peggy peter
    philip phil phoebe phyllis priya rachel raj ralph ramon raymond rebecca rhonda ricardo
    richard rita robert roberta roberto robin roger ron ronald rosa rosemary ross roy russell
    ruth ryan sabrina sally sam samantha samuel sandra sara sarah scott sean sebastian sergei
    sharon sheila shirley simon sofia sonia sophia sophie stacy stanley stella stephanie stephen
    steve steven stuart susan suzanne sylvia tamara tanya tara ted teresa terry theo theodore
    theresa thomas tim timothy tina todd tom tommy tony tracy tyler valerie vanessa veronica
    vera victor victoria vincent virginia vivian walter wanda wayne wendy william xavier yasmin
    yolanda yusuf yvonne zachary zoe
    """
)
# After one of these a capitalized word is a name even at the beginning of a sentence.
GREETINGS = word_set(
    """
    dear hi hello hey thanks you sorry welcome morning afternoon evening bye goodbye miss
    """
)
TITLES = word_set("mr mrs ms dr mx prof")
# Always written with a capital letter, and nobody's name.
ORDINARY_WORDS = word_set(
    """
    get help now
    i i'm i'd i'll i've ok okay monday tuesday wednesday thursday friday saturday sunday mondays
    tuesdays wednesdays thursdays fridays saturdays sundays january february march april may
    june july august september october november december christmas easter thanksgiving ramadan
    eid passover hanukkah diwali halloween new year god lord jesus christ allah buddha bible
    quran torah english spanish french german italian portuguese dutch russian chinese japanese
    korean arabic hebrew hindi turkish polish ukrainian greek latin american british canadian
    australian irish european african asian indian mexican christian muslim jewish catholic
    buddhist hindu protestant western eastern northern southern america britain canada australia
    ireland england scotland wales germany france spain italy europe africa asia india china
    japan mexico united states kingdom usa uk us eu alabama alaska arizona arkansas california
    carolina colorado connecticut dakota delaware florida hawaii idaho illinois indiana iowa
    kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi
    missouri montana nebraska nevada hampshire jersey york ohio oklahoma oregon pennsylvania
    rhode island tennessee texas utah vermont washington wisconsin wyoming ontario quebec
    manitoba alberta columbia portland london dublin toronto sydney pacific atlantic north south
    east west county city internet google zoom skype facebook instagram youtube medicare
    medicaid samaritans shout lifeline crisis line counselling counseling therapy coaching
    article articles comment comments practice contact privacy policy free consultation call
    emergency department psychology today mr mrs ms dr mx prof best regards kind warm warmly
    sincerely yours team acceptance commitment dialectical cognitive behavioral behavioural
    internal family systems emdr cbt dbt act gestalt freud jung rogers bowlby winnicott frankl
    """
)
