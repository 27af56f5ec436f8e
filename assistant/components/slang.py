"""What hurried shoppers write in place of English words; read before the spelling is looked at."""

SLANG = {
    "pls": "please", "plz": "please", "plse": "please",
    "u": "you", "ya": "you", "r": "are", "ur": "your", "youre": "you're", "y'all": "you",
    "thx": "thanks", "thnx": "thanks", "tnx": "thanks", "thanx": "thanks", "ty": "thank you",
    "tysm": "thank you so much", "tyvm": "thank you very much",
    "wanna": "want to", "gonna": "going to", "gotta": "have to", "hafta": "have to",
    "gimme": "give me", "lemme": "let me", "dunno": "don't know", "idk": "i don't know",
    "cuz": "because", "coz": "because", "bc": "because", "b4": "before", "tho": "though",
    "wat": "what", "wut": "what", "wot": "what", "wats": "what's", "whats": "what's",
    "wheres": "where's", "hows": "how's", "whos": "who's", "whens": "when's", "wen": "when",
    "abt": "about", "w": "with", "wo": "without", "thru": "through", "da": "the", "teh": "the",
    "tmrw": "tomorrow", "tmr": "tomorrow", "rn": "right now", "asap": "as soon as possible",
    "smth": "something", "sth": "something", "sb": "someone", "smn": "someone", "ppl": "people",
    "msg": "message", "info": "information", "rly": "really", "kno": "know", "shud": "should",
    "cud": "could", "cld": "could", "wud": "would", "wld": "would", "hv": "have", "dat": "that",
    "im": "i'm", "ive": "i've", "dont": "don't", "cant": "can't", "wont": "won't",
    "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't", "arent": "aren't",
    "wasnt": "wasn't", "hasnt": "hasn't", "havent": "haven't", "couldnt": "couldn't",
    "wouldnt": "wouldn't", "shouldnt": "shouldn't", "theres": "there's", "thats": "that's",
    "acc": "account", "acct": "account", "addy": "address", "pw": "password", "pwd": "password",
    "ord": "order", "num": "number", "qty": "quantity", "pkg": "package", "hrs": "hours",
    "cust": "customer", "delivry": "delivery", "chng": "change", "chg": "change",
}  # fmt: skip
FILLERS = {"um", "umm", "uh", "erm", "hmm", "lol", "lmao", "tbh", "btw", "sry", "haha"}
