"""What the reply guard listens for: patterns over flattened English text. Data, no logic.

The text is lower case, without accents, with one space between words and straight apostrophes.
No pattern nests a repetition, so reading time stays linear in the length of the reply.
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
# A general fact of the practice, not a memory: "our sessions last 50 minutes".
_AS_A_RULE = (
    r"(?! (?:usually |normally |always |typically |generally |all |each )?"
    r"(?:(?:last|lasts|take|takes|run|runs|cost|costs|are|is|start at|starts at) "
    r"(?:about |around |for |at |from |only )?"
    r"(?:\W?\d|an hour|one hour|fifty|forty|sixty|ninety|free|held|online|by |in person|"
    r"confidential|private|priced|offered|open|available)|fees?\b|rates?\b|prices?\b|"
    r"room\b|notes? policy))"
)
_PAST = r"(?:last|first|previous|recent|earlier|latest|next|upcoming|weekly|early|final|many|few)"

# Wording by which a reader learns that somebody is or was a client, or never was.
CONFIRMS = (
    # what only two people who work together share
    rf"our (?:{_PAST} ){{0,2}}(?:therapy |counsel?ling |coaching )?sessions?{_AS_A_RULE}",
    rf"(?:our|your) (?:{_PAST} ){{0,2}}(?:appointments?|intake|check-?in|assessment)"
    rf"(?: (?:with (?:me|us)|on|last|next|was|went|yesterday|tomorrow|together))",
    rf"our {_PAST} (?:appointment|call|conversation|meeting|talk|chat|visit|hour|time together)",
    r"our (?:time|work|journey|conversations?|talks|meetings) together",
    r"the work (?:that )?(?:we|you and i)(?: have|'ve)? (?:did|do|done|are doing|were doing)",
    rf"your (?:{_PAST} ){{0,2}}(?:therapy |counsel?ling |coaching )?sessions?"
    r"(?! (?:fee|length|type|format|time zone))",
    r"your (?:last|previous|recent|missed|cancell?ed|next|upcoming) "
    r"(?:appointment|visit|call|meeting|hour)",
    # the care itself
    r"your (?:own |current |past |previous |ongoing )?"
    r"(?:treatment|therapy|counsel?ling|coaching)(?! (?:style|room|needs?|goals? might|options?))",
    r"your (?:treatment|care|safety|recovery|therapy|wellness) plan",
    r"your (?:client |patient |clinical |medical |case )?(?:file|records?|chart|case notes)",
    r"your (?:invoice|unpaid (?:bill|balance|invoice|fees?)|outstanding (?:bill|balance|fees?)|"
    r"copay|superbill|insurance claim)",
    r"your progress (?:in|with|at|since|over|through|here|so far|during|from)\b",
    r"you(?: have|'ve)? (?:really |already |clearly )?(?:made|making) "
    r"(?:so much |such |great |good |real |huge |a lot of |wonderful |steady )*progress",
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
    # pleasure at having met
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
    rf"(?:coming (?:in|to (?:see|me|us|our|my))|coming back|seeing {_WITH_US}|"
    rf"choosing {_WITH_US}|trusting {_WITH_US}|working with {_WITH_US}|visiting {_WITH_US}|"
    rf"letting (?:me|us) (?:help|treat|support|walk)|"
    rf"being (?:such )?(?:a|an|one of|my|our) (?:[a-z]+ ){{0,2}}(?:{_CLIENT}|part of our))",
    # what was said between them
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
    # the plain word
    rf"as (?:my|our|an? (?:former|current|past|long-?time|long-?standing|valued|returning|"
    rf"previous|regular|existing|dear)) {_CLIENT}s?",
    rf"as an? {_CLIENT} of (?:mine|ours|this|the|my|our)",
    rf"(?:my|our|a) (?:former|current|past|long-?time|previous|ex-?|old|dear|valued|"
    rf"favou?rite) {_CLIENT}",
    rf"(?<!if )(?<!whether )(?<!when )you(?: are|'re| were| have been|'ve been| became| remain)"
    rf"(?: [a-z]+){{0,2}} {_CLIENT}",
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
    # to deny it tells as much
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
_HOW = (
    r"(?:a |an |the |some |signs of |symptoms of |mild |moderate |severe |clinical |"
    r"major |chronic |"
    r"classic |typical |untreated |undiagnosed |complex |generali[sz]ed |social |a case of |"
    r"a form of |from |[a-z]+ and |[a-z]+ or )"
)
_NOT_IF = r"(?<!if )(?<!when )(?<!whether )(?<!unless )(?<!once )(?<!where )(?<!that )(?<!because )"
_MAYBE = (
    r"(?: probably| clearly| may| might| definitely| likely| almost certainly| do| could well|"
    r" seem to| appear to| also| most likely| obviously| really)"
)

# Advice on one person's health, given in public to somebody whom nobody has examined.
ADVICE = (
    rf"(?:{'|'.join(_MEDICINES.split())})",
    r"\d{1,4}(?:[.,]\d{1,2})? ?(?:mg|mcg|milligrams?|micrograms?|ml|tablets?|pills?|"
    r"capsules?|drops)",
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
    rf"{_NOT_IF}(?:you|he|she|they)(?:{_MAYBE})?(?: have|'ve got| have got| has| are suffering| "
    rf"is suffering| suffer| are showing| show| are experiencing| are having|'re having|"
    rf"'re suffering|'re showing) (?:{_HOW}){{0,4}}{_CONDITIONS}",
    rf"{_NOT_IF}(?:you|he|she|they)(?: are|'re|'s| is| sound| seem| may be| might be| must be|"
    r" could be| are probably| are clearly)(?: a| an| clinically| severely| mildly| quite| very|"
    r" clearly| probably| most likely)* (?:depressed|bipolar|autistic|psychotic|"
    r"narcissis\w+|addict|"
    r"addicted|alcoholic|codependent|traumati[sz]ed|borderline|manic|suicidal|dissociating|adhd|"
    r"schizophrenic|anorexic|bulimic)",
    rf"(?:sounds?|looks?|seems?|reads?)(?: very much| a lot| to me)* like (?:{_HOW}){{0,4}}"
    rf"{_CONDITIONS}",
    rf"(?:this|that|it|these|those|what you describe) (?:is|are)(?: probably| clearly|"
    rf" likely| all)? "
    rf"(?:{_HOW}){{1,4}}{_CONDITIONS}",
    r"(?:your|my) diagnosis(?: is| of| would be)?",
    r"(?:i|we)(?: would|'d)? (?:diagnose|prescribe|recommend that you take|advise you to "
    r"(?:take|stop|start|leave))",
    r"you (?:should|must|need to|ought to|have to|had better) (?:really |definitely |try to )?"
    r"(?:leave|divorce|report|confront|cut (?:off|contact)|break up|move out|quit your job|"
    r"be hospitali[sz]ed)",
    r"you (?:do not|don't) need (?:a doctor|to see a doctor|medication|therapy|treatment|help)",
)
