"""Patterns of the reply guard for flattened English text. Data only.

Flattened text is lower case, without accents, with single spaces and straight apostrophes. No
pattern nests repetitions, so that matching stays linear in the length of the reply.
"""

_GOOD = r"(?:good|great|nice|lovely|wonderful|glad|happy|pleased|delighted|a pleasure|a joy)"
_WITH_US = r"(?:me|us|our (?:team|practi[cs]e|office|clinic)|my (?:practi[cs]e|office|clinic))"
_CARE = (
    r"(?:therapy|treatment|counsel?ling|coaching|sessions?|appointments?|work|process|"
    r"program(?:me)?)"
)
_CLIENT = r"(?:client|patient|coachee)"
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tonight|tomorrow|"
    r"(?:last|this|next|the other) (?:week|month|year|time|day|morning|evening|spring|summer|"
    r"autumn|fall|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
# A general fact about the practice is no memory of a client: "our sessions last 50 minutes".
_NOT_GENERAL_FACT = (
    r"(?! (?:usually |normally |always |typically |generally |all |each )?"
    r"(?:takes? place|(?:last|lasts|take|takes|run|runs|cost|costs|are|is|starts? at) "
    r"(?:about |around |for |at |from |only )?"
    r"(?:\W?\d|an hour|one hour|fifty|forty|sixty|ninety|free|held|online|by |in person|"
    r"confidential|private|priced|offered|open|available)|fees?\b|rates?\b|prices?\b|"
    r"room\b|notes? policy))"
)
_SESSION_QUALIFIERS = (
    r"(?:last|first|previous|recent|earlier|latest|next|upcoming|weekly|early|final|many|few)"
)

_RELATIVES = (
    r"(?:husband|wife|partner|spouse|son|daughter|child|children|kids?|mother|father|mom|mum|dad|"
    r"parents?|brother|sister|family|boyfriend|girlfriend|friend)"
)

# Wording that tells readers that somebody is or was a client, or never was.
CLIENT_PATTERNS = (
    # sessions and appointments that two people share
    rf"our (?:{_SESSION_QUALIFIERS} ){{0,2}}(?:therapy |counsel?ling |coaching )?"
    rf"sessions?{_NOT_GENERAL_FACT}",
    rf"(?:our|your) (?:{_SESSION_QUALIFIERS} ){{0,2}}(?:appointments?|intake|check-?in|assessment)"
    rf"(?: (?:with (?:me|us)|on|last|next|was|went|yesterday|tomorrow|together))",
    rf"our {_SESSION_QUALIFIERS} "
    rf"(?:appointment|call|conversation|meeting|talk|chat|visit|hour|time together)",
    r"our (?:time|work|journey|conversations?|talks|meetings) together",
    r"the work (?:that )?(?:we|you and i)(?: have|'ve)? (?:did|do|done|are doing|were doing)",
    rf"your (?!first (?:therapy |coaching )?session\b)(?:{_SESSION_QUALIFIERS} ){{0,2}}"
    rf"(?:therapy |counsel?ling |coaching )?sessions?"
    r"(?! (?:fee|length|type|format|time zone))",
    r"your (?:last|previous|recent|missed|cancell?ed|next|upcoming) "
    r"(?:appointment|visit|call|meeting|hour)",
    # treatment, records, bills, progress
    r"your (?:own |current |past |previous |ongoing )?"
    r"(?:treatment|therapy|counsel?ling|coaching)(?! (?:style|room|needs?|goals? might|options?))",
    r"your (?:treatment|care|safety|recovery|therapy|wellness) plan",
    r"your (?:client |patient |clinical |medical |case )?(?:file|records?|chart|case notes)",
    r"your (?:invoice|unpaid (?:bill|balance|invoice|fees?)|outstanding (?:bill|balance|fees?)|"
    r"copay|superbill|insurance claim)",
    r"your progress (?:is|was|has|in|with|at|since|over|through|here|so far|during|from)\b",
    r"you(?: have|'ve)? (?:really |already |clearly )?(?:made|making) "
    r"(?:so much |such |great |good |real |huge |a lot of |wonderful |steady )*progress",
    r"progress (?:that )?you(?: have|'ve| are|'re)?(?: already| both)? (?:made|make|making)",
    r"(?:how far you(?: have|'ve)|you(?: have|'ve)) come (?:a long way|such a long way|so far)?"
    r" ?since",
    # when they came
    rf"when you (?:first |last |finally |originally )?"
    rf"(?:came|come in|saw me|saw us|visited|met (?:me|us|with)|spoke (?:to|with) {_WITH_US}|"
    rf"talked (?:to|with) {_WITH_US}|told {_WITH_US}|worked with {_WITH_US}|"
    rf"sat (?:with|across|in)|were (?:here|in (?:my|our)|with (?:me|us)|(?:my|our)|"
    rf"in {_CARE} (?:with|here)|seeing (?:me|us)|coming))",
    rf"when you (?:come|visit|return|are back) (?:back )?(?:in )?(?:to )?"
    rf"(?:see (?:me|us)|(?:me|us)|in)? ?(?:on )?(?:{_DAY})",
    rf"when you (?:first )?(?:started|began|left|stopped|finished|ended|quit) "
    rf"(?:your |with |seeing |coming |working )?(?:{_CARE}|me|us|here|to (?:me|us))",
    rf"since you(?: have|'ve)? (?:first )?"
    rf"(?:started|began|begun|came|come|joined|left|stopped|finished|been) "
    rf"(?:your |with |seeing |coming |working |to see |to |in )*"
    rf"(?:{_CARE}|me|us|our|my|here)",
    rf"(?:before|after) you (?:first )?(?:came to|started with|began with|left) {_WITH_US}",
    # pleasure at a meeting
    rf"{_GOOD} to (?:finally |just )?"
    rf"(?:see|have seen|meet|have met|talk (?:to|with)|speak (?:to|with)|work with|"
    rf"have worked with|catch up with) (?:with )?you "
    rf"(?:(?:both|all) )?(?:again|in (?:my|our|person|the office)|at (?:my|our)|back|on\b|{_DAY})",
    rf"(?:was|were|is|been|it's|what a) (?:so |very |really |always |such )?"
    rf"(?:a )?{_GOOD} (?:to (?:see|have seen|meet|have met|talk (?:to|with)|speak (?:to|with))"
    rf"|seeing|meeting|talking (?:to|with)|speaking (?:to|with)|working with) you"
    rf"(?! (?:here|in the comments|read|think|so many))",
    rf"(?:i'll |we'll |will |can't wait to |look(?:ing)? forward to |until i )?"
    rf"(?:see(?:ing)?|meet(?:ing)?) you (?:again )?(?:on |at |then )?(?:{_DAY})",
    r"look(?:ing)? forward to (?:our (?:next|first)|seeing you (?:again|back)|having you back)",
    r"(?:enjoyed|loved|appreciated?|pleasure|privilege|honou?r|joy|grateful for|remember|"
    r"miss(?:ed)?|thank(?:s| you) for|proud of) (?:of |to have |having )?"
    r"(?:working|worked|seeing|treating|supporting|helping|coaching|counsel?ling) (?:with )?you",
    rf"(?:thank(?:s| you)|grateful)(?: so much| very much| again| to you)? for "
    rf"(?:coming (?:in|to (?:see|me|us|our|my))|coming back(?! (?:to|and read))|seeing {_WITH_US}|"
    rf"choosing {_WITH_US}|trusting {_WITH_US}|working with {_WITH_US}|visiting {_WITH_US}|"
    rf"letting (?:me|us) (?:help|treat|support|walk)|"
    rf"being (?:such )?(?:a|an|one of|my|our) (?:[a-z]+ ){{0,2}}(?:{_CLIENT}|part of our))",
    # conversations
    r"(?:as|what|like|things|something|when) (?:we|you and i)(?: have|'ve| had| already)* "
    r"(?:discussed|talked (?:about|through)|spoke (?:about|of)|spoken (?:about|of)|"
    r"worked (?:on|through)|"
    r"explored|covered|agreed|practi[cs]ed|looked at|went over|met\b|last (?:met|spoke|talked))",
    rf"(?:we|you and i)(?: have|'ve| had)? (?:met|spoke|spoken|talked|worked together|"
    rf"discussed (?:this|that|it))(?: [a-z]+){{0,3}} (?:{_DAY}|in (?:our|my|your)|before|together)",
    rf"you (?:told|shared with|confided in|opened up to|mentioned to|said to) {_WITH_US}"
    r"(?! (?:here|in (?:your|this|the) (?:comment|message|words?))|(?: above))",
    r"you (?:mentioned|said|shared|told me|talked about)(?: [a-z]+){0,4} "
    rf"(?:in (?:our|my|your (?:last|first|session)|session|therapy)|{_DAY})",
    r"i(?: still| do| well)? (?:remember|recall) (?:you|your|when you|how you|that you|our)\b",
    # exercises, and what they led to
    rf"(?:exercises?|homework|worksheets?|tools?|techniques?|tasks?|journal|steps|{_CARE}) "
    rf"(?:that |which )?(?:i|we)(?: have|'ve)? "
    rf"(?:gave|given|showed|shown|taught|practi[cs]ed|worked|set|assigned|tried|did|recommended)",
    r"our (?:exercises?|homework|experiment|ritual|agreement|treatment plan|therapy|counsel?ling)"
    r"(?! (?:rooms?|practice|page|team|services?|style|approach|is\b|are\b|fees?|offers?))",
    r"(?:i|we)(?: have|'ve| had| once| really| truly)* (?:gave|given|assigned|taught|showed|shown|"
    r"helped|guided|accompanied|walked with|met|saw|treat|know|knew|discussed (?:this|that|it|your "
    r"[a-z]+) with|worked so hard with|been seeing|look after|looked after) you"
    r"(?! (?:are|may|might|can|could|will|would|feel|mean|want|do)\b)",
    r"(?<!wish )(?:i|we) (?:could|was able to|were able to|got to|am able to|are able to|"
    r"have been able to) (?:help|support|be there for|accompany|guide|treat|work with|see|be with) "
    r"you",
    rf"(?:i|we)(?: have|'ve| had)? (?:saw|seen|see|treated|treat|met|know|helped|help|"
    rf"spoke (?:to|with)|talked (?:to|with)|work with|worked with) your {_RELATIVES}",
    rf"your {_RELATIVES}(?: also| too)? (?:told|came to|comes to|saw|sees|is a client|was a client|"
    rf"mentioned to|spoke to|talked to|says to)(?: {_WITH_US})?",
    r"(?:honou?r|privilege|pleasure|joy|gift)(?: and [a-z]+)? (?:to|of) (?!read|hear)"
    r"(?:[a-z]+ ){1,4}you(?! (?:here|again here))",
    r"(?:having|have had|had|have) you (?:in (?:our|my|the)|with (?:us|me)|as an? |as (?:my|our)|"
    r"at (?:our|the|my)|back|on (?:our|my))",
    r"(?:we|i|we all|i will|we will|i'll|we'll)(?: really| all)? miss(?:ed)? (?:you|seeing you)",
    r"(?:part of|be there for|present for|witness(?:ed)?|follow(?:ed)?|with you on|along on) your "
    r"(?:[a-z]+ )?(?:journey|healing|path|process|progress|recovery|growth|way)",
    rf"your (?:[a-z]+ )?(?:journey|healing|growth|time|path|hours?|experiences?|visits?|stay) "
    rf"(?:with {_WITH_US}|at {_WITH_US}|here with|in (?:my|our) (?:practi[cs]e|office|"
    rf"clinic|care))",
    # how it went for them
    rf"(?<!if )(?<!when )(?<!whether )"
    rf"you(?: have|'ve| had| were|'re| are)?(?: been)?(?: in| having| doing| receiving| attending|"
    rf" getting| to| stopped| finished| left| quit| ended| dropped out of| resumed| completed|"
    rf" attended| had| missed| went through| came for| paid for)+ (?:[a-z]+ ){{0,2}}?"
    rf"(?:therapy|treatment|counsel?ling|coaching|sessions?|intake|the program(?:me)?)"
    rf" ?(?:with {_WITH_US}|here|in (?:our|my)|too (?:early|soon|late)|early|last|this|for|on|"
    rf"because|after|before|and\b|$|[.,])",
    r"(?:after|before|for|during|in|of|only) (?:your |our |these |those |all |just )?"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|a few|several|some|many|\d{1,3}) "
    r"sessions? ?(?:with (?:me|us)|together|you\b|here|$|[.,])",
    r"you(?: have|'ve)(?: been)? (?:been coming|coming (?:here|in|to)|been here|"
    r"been with (?:us|me)|"
    r"been part of|been seeing (?:me|us|our)|been working with (?:me|us)|been our|been my)",
    r"(?:being|been|stayed|staying|were|are) with (?:us|me) (?:for|these|all|since|through|"
    r"over|at)",
    rf"(?:glad|happy|pleased|delighted|grateful|relieved|sorry|good to (?:hear|know|read|see))"
    rf"(?: [a-z]+){{0,5}} (?:(?:our|your) (?:work|time|therapy|sessions?|treatment|counsel?ling|"
    rf"coaching|visits?|appointments?)|(?:therapy|treatment|counsel?ling|coaching|sessions?|"
    rf"experience|visit|time) (?:with {_WITH_US}|here|at {_WITH_US}))",
    r"(?:therapy|treatment|counsel?ling|coaching|working|sessions?) with (?:us|me)"
    r"(?: has| have| was| is| did| really| clearly)* (?:help|work|chang|end|meant|made|"
    r"gave|brought|"
    r"felt|went|did)[a-z]*",
    r"(?:glad|happy|pleased|delighted|relieved) (?:to hear |to read )?(?:that )?(?:the )?"
    r"(?:emdr|cbt|dbt|exposure|hypnosis|hypnotherapy|sessions?|therapy|treatment|counsel?ling|"
    r"coaching) (?:has |have |is |are |really )?(?:helped|helps|worked|works|helping|working)"
    r"(?: for)? you",
    r"(?:i|we)(?: have|'ve| had) been (?:(?:working|talking|meeting|speaking) with|treating|"
    r"supporting|helping|coaching|counsel?ling) you",
    r"our (?:shared |common |hard |good )?work (?:has |have |had )?(?:helped|together|"
    r"with you|changed|"
    r"meant|paid|pays|is paying|is bearing|bore|made|gave|goes on|continues)",
    r"(?:everything|all|all that|how much|how far|what|the way) you(?: have|'ve)? "
    r"(?:achieved|worked on|accomplished|overcame|overcome|grew|grown|changed|learned) "
    r"(?:in|during|over|since|with|here|at)",
    r"you(?: have|'ve) (?:really |clearly )?(?:grown|changed|healed|improved|opened up|blossomed|"
    r"come) so (?:much|far|nicely|well)",
    r"(?:from|in|during|since|throughout|over|through|at|after|about) (?!your first )(?:your|our) "
    r"(?:[a-z]+ )?(?:therapy|treatment|counsel?ling|coaching|sessions?|intake|visits?|stay|"
    r"appointments?|hours?|calls?|talks?|meetings?|time together|years? together|"
    r"months? together)(?! (?:page|fee|rate|pages|are |lasts?|takes?|costs?))(?<!first call)"
    r"(?<!free call)",
    r"(?:know|remember|learn(?:ed|t)?|heard|practi[cs]ed|told me) (?:[a-z]+ )?(?:from|in) "
    r"(?:therapy|treatment|session|counsel?ling|coaching|your sessions|our)",
    r"(?:reschedule|cancel|confirm|change|move|keep|miss|forget|prepare for) (?:your|our) "
    r"(?:next |last |[a-z]+ )?(?:appointment|session|visit|meeting)",
    r"(?:next time (?:that )?we (?:meet|speak|talk)|(?:until|before|when) we "
    r"(?:next (?:meet|speak|talk)|(?:meet|speak|talk) (?:again|next)))(?! (?:about|of)\b)",
    r"see you (?:again\b|soon|back|then\b|there\b|inside|face to face|in person|"
    r"in (?:the|my|our) (?:office|practi[cs]e|room|clinic|group)|at (?:the|our|my) )",
    r"(?:we|i)(?: have|'ve| had)? (?:discussed|talked|spoke|spoken|told you|explained|agreed)"
    r"(?: [a-z]+){0,5} (?:on the phone|by phone|by e-?mail|in person|in private|face to face|"
    r"on our call|in our call|in session|at the office)",
    r"your (?:therapist|counsel?lor|coach|clinician|psychologist),? "
    r"(?:here|with us|at our|in our|from our|on our)",
    r"your insurance(?: company)? (?:did|has|refused|paid|denied|was|would not|covered)",
    r"your (?:account|balance|payment|bill|deposit|file|copay) (?:is|was|has|with|here|for|shows|"
    r"remains|went)",
    # about somebody in the third person, and other things that only a practice knows
    r"(?:someone|somebody|a person|people|the person|one) (?:that |whom |who )?(?:i|we)"
    r"(?: have|'ve| had| once| never)* (?:worked with|treated|seen|known|met|coached|helped)",
    r"(?:i|we)(?: have|'ve| had)? (?:known|never (?:met|treated|worked with|spoken (?:to|"
    r"with)|seen|"
    r"heard of)) (?:you|this (?:person|man|woman|writer|reviewer|reader)|him|her|them|anyone)",
    rf"(?:this (?:person|man|woman|writer|reviewer|reader)|the (?:writer|reviewer|"
    rf"commenter)|he|she|"
    rf"they) (?:was|were|is|are|has been|have been)(?: [a-z]+){{0,3}} {_CLIENT}",
    r"(?:my|our) work with (?:you|your|him|her|them)",
    r"(?:in|under|left|leaving) (?:our|my) care",
    r"(?:continue|resume|pick up|finish|end|ended|pause|restart) our (?:work|sessions|"
    r"conversations?|"
    r"talks?|meetings|therapy|treatment|process)",
    r"your case (?:was|is|has|manager|file)",
    r"(?:refund(?:ed)?|invoiced?|charged?|billed?|waived?) (?:you|your)",
    r"(?<!if )(?<!when )you were (?:discharged|referred|admitted|enrolled|assessed|"
    r"diagnosed|seen by|"
    r"treated|scheduled|(?:always |never |often )?(?:on time|late|early))",
    rf"you (?:first |finally |then |always |even )*came (?:back )?(?:to {_WITH_US}|to see|in\b)",
    r"you (?:worked|did|said|cried|told|looked|sounded|seemed|learned|tried|were|have been|spoke|"
    r"talked|laughed|sat)(?: [a-z]+){0,4} in (?:session|therapy|treatment|counsel?ling|our|"
    r"my office)",
    r"(?:therapy|treatment|counsel?ling|coaching|sessions?|working) with "
    r"(?!a |an |the |your |another |others |people |someone |somebody |or |and )[a-z]+ "
    r"(?:has |have |really )?(?:helped|worked|changed|ended|went|gave|made|meant)",
    r"(?:past|last|these|those|your|our|two|three|four|five|\d{1,2}) (?:few |two |three )?"
    r"(?:years?|months?|weeks?) (?:of|in) (?:therapy|treatment|counsel?ling|coaching|sessions|"
    r"working)",
    r"our (?:weekly|monthly|regular|usual|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays)",
    r"(?:appreciate|value|valued|love|loved|welcome|remember) you as",
    rf"having you here (?:again|for|with|(?:{_DAY}))",
    r"(?:enjoyed|enjoy|loved|miss|missed|remember|treasure|value|appreciated?|think of|"
    r"cherish) our",
    r"you (?:only |never |always |just |also )*(?:attended|had|did|missed|came to|came for|"
    r"paid for) "
    r"(?:only |just )?(?:one|two|three|four|five|six|a few|several|many|most|all|\d{1,3}) "
    r"(?:of our |of your |of the )?(?:sessions?|appointments?|calls?|visits?|meetings?)",
    r"(?:offered|gave|given|sent|booked|reserved|kept|held) you (?:an?|another|a new|your|"
    r"the|that) "
    r"(?:[a-z]+ )?(?:appointment|session|slot|invoice|bill|refund|discount|hour)",
    rf"you (?:told|shared|said) (?:this|that|it|these things|so much) (?:with |to )?{_WITH_US}"
    r"(?! (?:here|in (?:your|this|the) (?:comment|message|words?))|(?: above))",
    r"(?:before|after|around) your (?:next |last )?(?:appointment|visit)",
    rf"your {_RELATIVES} (?:came|was|were|joined|sat)(?: [a-z]+)? (?:with you|with us|here|"
    rf"in (?:our|the))",
    r"you (?:felt|feel|were|are|seemed) (?:[a-z]+ )?(?:safe|heard|seen|understood|better|"
    r"comfortable|welcome|at ease) (?:with (?:me|us)|around (?:me|us)|in (?:my|our))",
    r"(?:you can|you and i can|we can|let us|let's|we will|we'll|i will|i'll) "
    rf"(?:talk|speak|discuss|look|go over|meet|call|see)(?: [a-z]+){{0,6}} (?:{_DAY})",
    # the words "client" and "patient" themselves
    rf"as (?:my|our|an? (?:former|current|past|long-?time|long-?standing|valued|returning|"
    rf"previous|regular|existing|dear)) {_CLIENT}s?",
    rf"as an? {_CLIENT} of (?:mine|ours|this|the|my|our)",
    rf"(?:my|our|a) (?:former|current|past|long-?time|previous|ex-?|old|dear|valued|"
    rf"favou?rite) {_CLIENT}",
    rf"(?<!if )(?<!whether )(?<!when )you(?: are|'re| were| have been|'ve been| became| remain)"
    rf"(?: [a-z]+){{0,4}} {_CLIENT}",
    rf"(?:you|who) (?:are|were|was|is) (?:my|our) {_CLIENT}",
    r"(?:i|we)(?: have|'ve| had| once| never)* "
    r"(?:treated|diagnosed|counsel?led|coached|billed|charged|prescribed|saw|seen|"
    r"met with|worked with|supported|assessed) you",
    r"i(?: am|'m| was) your (?:therapist|counsel?lor|coach|psychologist|doctor|clinician)",
    r"as your (?:therapist|counsel?lor|coach|psychologist|doctor|clinician)",
    r"you (?:missed|cancell?ed|skipped|did not (?:attend|show)|didn't (?:attend|show)|"
    r"never (?:came|paid|attended|showed|turned up)|no-?showed)"
    r"(?: (?:up|to|your|our|an?|the|my|last|next|for))* ?(?:sessions?|appointments?|"
    r"calls?|visits?|up|paid)?",
    # denials, which tell as much
    r"our (?:records?|files?|books|notes|calendar|diary|system) (?:shows?|says?|tells?|has|have|"
    r"lists?|holds?|contains?|do not|don't|does not|doesn't)",
    rf"(?:no|not any|any) records? of (?:you|your|an? {_CLIENT}|anyone (?:by|with|"
    rf"of) (?:this|that|your))",
    rf"you (?:are not|aren't|were not|weren't|were never|have never been|never were)"
    rf"(?: [a-z]+){{0,2}} (?:{_CLIENT}|here|with us|seen)",
)


_MEDICINES = """
    abilify acamprosate adderall agomelatine alprazolam amitriptyline amphetamine antabuse
    aripiprazole asenapine atarax ativan atomoxetine benadryl benzodiazepine benzodiazepines
    brexpiprazole buprenorphine bupropion buspar buspirone butrans carbamazepine cariprazine
    celexa chlordiazepoxide chlorpromazine cipralex citalopram clomipramine clonazepam clonidine
    clozapine codeine concerta cymbalta depakote desipramine desvenlafaxine dexamfetamine
    dextroamphetamine diazepam diphenhydramine disulfiram divalproex donepezil doxepin
    doxylamine duloxetine effexor elvanse escitalopram esketamine eszopiclone fentanyl
    fluoxetine fluphenazine fluvoxamine gabapentin geodon guanfacine haldol haloperidol
    hydroxyzine ibuprofen imipramine ketamine klonopin lamictal lamotrigine latuda
    levomilnacipran lexapro librium lisdexamfetamine lithium loratadine lorazepam lunesta
    lurasidone luvox lyrica melatonin methadone methylphenidate metoprolol mirtazapine modafinil
    moclobemide naltrexone nardil nortriptyline olanzapine oxazepam oxcarbazepine oxycodone
    paliperidone pamelor paracetamol paroxetine paxil phenelzine prazosin pregabalin pristiq
    propranolol prozac quetiapine ramelteon remeron reboxetine risperdal risperidone ritalin
    saphris seroquel sertraline sildenafil sinequan strattera stilnox suboxone subutex temazepam
    thorazine topamax topiramate tramadol tranylcypromine trazodone trintellix tylenol valium
    valproate varenicline venlafaxine viibryd vilazodone vivitrol vortioxetine vyvanse
    wellbutrin xanax zaleplon ziprasidone zoloft zolpidem zopiclone zyprexa
"""
_MEDICATION = (
    r"(?:medications?|medicines?|meds|pills?|tablets?|dose|doses|dosage|antidepressants?|"
    r"anti-?anxiety|sleeping (?:pills?|aids?)|ssris?|snris?|benzos?|prescriptions?|supplements?|"
    r"st\.? john's wort|painkillers?|mood stabili[sz]ers?|antipsychotics?|stimulants?)"
)
_CONDITIONS = (
    r"(?:depress(?:ion|ive)|anxiety|bipolar|c-?ptsd|ptsd|post-?traumatic stress|adhd|ocd|bpd|"
    r"borderline|narcissis[mt]\w*|autis[mt]\w*|asperger\w*|schizo\w+|psychosis|psychotic|mania|"
    r"panic (?:disorder|attacks)|(?:an )?eating disorder|anorexia|bulimia|(?:an )?addiction|"
    r"alcoholism|insomnia|dissociati\w+|postnatal|postpartum|dysthymia|personality disorder|"
    r"(?:mood|stress|adjustment|attachment|obsessive)[a-z -]{0,20} disorder|agoraphobia|"
    r"social phobia|codependen\w+|(?:complex |childhood )?trauma\b)"
)
_QUALIFIERS = (
    r"(?:a |an |the |some |signs of |symptoms of |mild |moderate |severe |clinical |"
    r"major |chronic |"
    r"classic |typical |untreated |undiagnosed |complex |generali[sz]ed |social |a case of |"
    r"a form of |from |[a-z]+ and |[a-z]+ or )"
)
_NOT_CONDITIONAL = (
    r"(?<!if )(?<!when )(?<!whether )(?<!unless )(?<!once )(?<!where )(?<!that )(?<!because )"
)
_HEDGES = (
    r"(?: probably| clearly| may| might| definitely| likely| almost certainly| do| could well|"
    r" seem to| appear to| also| most likely| obviously| really)"
)

# Advice on one person's health, in public and without an examination.
ADVICE_PATTERNS = (
    rf"(?:{'|'.join(_MEDICINES.split())})",
    r"(?:\d{1,4}(?:[.,]\d{1,2})?|one|two|three|half a|a few|another|an extra) ?(?:mg|mcg|"
    r"milligrams?|micrograms?|ml|tablets?|pills?|"
    r"capsules?|drops)",
    rf"(?<!nobody should )(?<!not )(?<!never )"
    rf"(?:stop|start|keep|quit|continue|begin|come off|go off|get off|taper(?: off)?|"
    rf"increase|raise|"
    rf"lower|reduce|skip|halve|double|cut down(?: on)?)"
    rf"(?: taking| on| off| with| using)?(?: your| the| any| some| these| those| all| an?)? "
    rf"(?:[a-z]+ )?{_MEDICATION}",
    rf"(?:you(?: should| could| must| need to| can| might| may want to| ought to)?|please|"
    rf"i (?:would|suggest you|recommend you)) (?:take|try|avoid|change|adjust|ask for) "
    rf"(?:your |the |any |some |these |those |an? )?(?:[a-z]+ )?{_MEDICATION}",
    r"(?:stop|start|quit|keep|continue) taking "
    r"(?!things?\b|it (?:all |so |too )?(?:personal|to heart|out|upon|on)|on\b|everything|"
    r"that personally|responsibility|care\b|calls|part\b|time|notes?\b|breaks?|walks?|small|part\b|"
    r"the blame|them for granted|him|her|me|us|steps)\w+",
    r"you (?:should|must|need to|ought to|have to|had better|could) (?:really |try to |also )?take "
    r"(?!care|time|a break|breaks|a walk|walks|a deep|a breath|a moment|a look|a step|one|part|"
    r"notes?\b|it (?:slow|easy|one|gently|at)|heart|comfort|your time|up\b|things|space|rest|small|"
    r"a rest|a day|days|all the|as (?:much|long)|responsibility|on\b|pride|the time|what|"
    r"whatever)\w+",
    r"(?:your|the right|a higher|a lower|a different) (?:dose|dosage|medications?|"
    r"prescription|meds)",
    rf"{_NOT_CONDITIONAL}(?:you|he|she|they)(?:{_HEDGES})?(?: don't| do not| doesn't)?(?: have|"
    rf"'ve got| have got| has| are suffering| "
    rf"is suffering| suffer| are showing| show| are experiencing| are having|'re having|"
    rf"'re suffering|'re showing) (?:{_QUALIFIERS}){{0,4}}{_CONDITIONS}",
    rf"{_NOT_CONDITIONAL}(?:you|he|she|they)"
    rf"(?: are|'re|'s| is| sound| seem| may be| might be| must be|"
    r" could be| are probably| are clearly)(?: a| an| clinically| severely| mildly| quite| very|"
    r" clearly| probably| most likely)* (?:depressed|bipolar|autistic|psychotic|"
    r"narcissis\w+|addict|"
    r"addicted|alcoholic|codependent|traumati[sz]ed|borderline|manic|suicidal|dissociating|adhd|"
    r"schizophrenic|anorexic|bulimic)",
    rf"(?:as (?:if|though)|like|that) (?:you|he|she|they)(?: may| might| could| probably| also)*"
    rf"(?: have|'ve| has| suffer from| are suffering from| are| is) "
    rf"(?:{_QUALIFIERS}){{0,3}}{_CONDITIONS}",
    rf"you(?: may| might| do| will| clearly| probably)? (?:need|require|could use|should be on)"
    rf"(?: to be on| to go on| some| a| an| stronger| better)? {_MEDICATION}",
    rf"(?:sounds?|looks?|seems?|reads?)(?: very much| a lot| to me)* like (?:{_QUALIFIERS}){{0,4}}"
    rf"{_CONDITIONS}",
    rf"(?:this|that|it|these|those|what you describe) (?:is|are)(?: probably| clearly|"
    rf" likely| all)? "
    rf"(?:{_QUALIFIERS}){{1,4}}{_CONDITIONS}",
    r"your symptoms (?:are|sound|look|suggest|point|fit)",
    rf"(?:the|your) (?:new |old |other )?{_MEDICATION} (?:that )?(?:i|we)",
    r"(?:your|my) diagnosis(?: is| of| would be)?",
    r"(?:i|we)(?: would|'d)? (?:diagnose|prescribe|recommend that you take|advise you to "
    r"(?:take|stop|start|leave))",
    r"you (?:should|must|need to|ought to|have to|had better) (?:really |definitely |try to )?"
    r"(?:leave|divorce|report|confront|cut (?:off|contact)|break up|move out|quit your job|"
    r"be hospitali[sz]ed)",
    r"you (?:do not|don't) need (?:a doctor|to see a doctor|medication|therapy|treatment|help)",
)
